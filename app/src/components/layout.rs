use billing::{visits::Visit, words::Language};
use leptos::prelude::*;

use super::{WhomToAsk, dated::day_in, island_scripts::IslandScripts, say_date, say_time, zone_name};
use crate::{
    islands::TimeLeft,
    path::{Path, Place},
    sitting::{here, language, seat, site, sitting},
    t,
};

/// What stands around every page.
#[component]
pub fn Layout(children: Children) -> impl IntoView {
    let visit = sitting().visit;
    let member = visit.as_ref().and_then(|visit| visit.member.as_ref());
    let signed_in = member.is_some();
    // Of somebody not signed in the region is not known, so no number stands there.
    let ask = member.map(|member| member.ask.clone()).unwrap_or_default();
    let here = here();
    let section = here.as_ref().map(|place| place.path.clone());
    view! {
        <a class="skip" href="#main">{t!("skip")}</a>
        <header class="top">
            {site().demo.then(|| view! { <p class="demo">{t!("demo-band")}</p> })}
            <div class="top-in">
                <a class="brand" href=Path::Home.to_string()>
                    <span class="brand-mark" aria-hidden="true"></span>
                    {t!("site-name")}
                </a>
                {member.map(|member| view! { <AsOf zone=member.zone.clone()/> })}
                {signed_in.then(|| view! { <Menu section/> })}
                <div class="top-end">
                    <Languages back=here.unwrap_or_else(|| Path::Home.into())/>
                    {signed_in.then(|| view! { <SignOut/> })}
                </div>
            </div>
        </header>
        <main id="main" tabindex="-1">{children()}</main>
        <footer class="foot">
            <div class="foot-in">
                {visit.filter(|_| signed_in).map(|visit| view! { <VisitEnd visit/><SignOut/> })}
                <div class="foot-ask">
                    <p>{t!("foot-questions")}</p>
                    <WhomToAsk ask brief=true/>
                </div>
                <p>{t!("foot-ready")}</p>
                <p class="unseen" id="amount-help">{t!("amount-help")}</p>
            </div>
        </footer>
        {signed_in.then(|| view! { <IslandScripts/> })}
    }
}

/// On paper a page is of its day, in the region of its reader.
#[component]
fn AsOf(zone: String) -> impl IntoView {
    let today = seat().ok().map(|seat| day_in(seat.billing().clock().now(), &zone));
    today.map(|today| view! { <p class="print-only as-of">{t!("print-as-of", date = say_date(today))}</p> })
}

/// The member menu; the section the page belongs to is marked.
#[component]
fn Menu(section: Option<Path>) -> impl IntoView {
    let in_section = |place: &Path| {
        matches!(
            (&section, place),
            (Some(Path::Bill(_) | Path::Pay(_)), Path::Bills) | (Some(Path::Payment(_)), Path::Payments)
        )
    };
    let places = [
        (Path::Home, t!("menu-home")),
        (Path::Bills, t!("menu-bills")),
        (Path::Payments, t!("menu-payments")),
        (Path::Profile, t!("menu-profile")),
    ];
    let links = places
        .into_iter()
        .map(|(place, name)| {
            let current = if section.as_ref() == Some(&place) {
                Some("page")
            } else {
                in_section(&place).then_some("true")
            };
            view! { <li><a href=place.to_string() aria-current=current>{name}</a></li> }
        })
        .collect_view();
    view! { <nav class="menu" aria-label=t!("menu-label")><ul>{links}</ul></nav> }
}

/// The other language, one press away, and back to this page. Each language is named in itself.
#[component]
fn Languages(back: Place) -> impl IntoView {
    let now = language();
    let others = Language::ALL
        .into_iter()
        .filter(|other| *other != now)
        .map(|other| {
            view! {
                <button class="link" name="language" value=other.tag() lang=other.tag()>
                    {own_name(other)}
                </button>
            }
        })
        .collect_view();
    view! {
        <form class="languages" method="post" action="/api/language">
            <input type="hidden" name="back" value=back.to_string()/>
            {others}
        </form>
    }
}

/// What a language calls itself.
pub(crate) fn own_name(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::Spanish => "Español",
    }
}

#[component]
fn SignOut() -> impl IntoView {
    view! {
        <form class="sign-out" method="post" action="/api/sign-out">
            <button class="link">{t!("sign-out")}</button>
        </form>
    }
}

/// When this visit ends by itself, and, with script, a warning two minutes before. Without script the link opens a
/// light page beside this one: what is typed here stays, and the visit goes on.
#[component]
fn VisitEnd(visit: Visit) -> impl IntoView {
    let zone = visit.member.map(|member| member.zone).unwrap_or_default();
    let end = visit.idle_end.min(visit.absolute_end);
    let seconds =
        seat().map_or(0, |seat| end.signed_duration_since(seat.billing().clock().now()).num_seconds());
    let longer = visit.absolute_end > visit.idle_end;
    view! {
        <p class="visit-end">
            {t!("visit-end", time = say_time(end, &zone), zone = zone_name(&zone))}
            {longer
                .then(|| {
                    view! {
                        " "
                        <a href=Path::Stay.to_string() target="_blank" rel="opener">{t!("visit-longer")}</a>
                    }
                })}
        </p>
        <div
            id="time-left"
            data-seconds=seconds
            data-warning=if longer { t!("visit-warning") } else { t!("visit-warning-last") }
            data-over=t!("visit-over")
            data-longer=longer.then_some("")
        >
            <div class="time-left" id="time-left-frame" role="alert" hidden>
                <p id="time-left-text"></p>
                <button type="button" class="button" id="time-left-longer" hidden>{t!("visit-longer-button")}</button>
            </div>
            <TimeLeft/>
        </div>
    }
}
