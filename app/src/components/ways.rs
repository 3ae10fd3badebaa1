use billing::{
    bills::BillKind,
    rules::{Ask, Line, Mode, Office, Phone, WaysToPay},
    words,
};
use leptos::prelude::*;

use super::{Fact, Facts, say_when};
use crate::{sitting::language, t, words::say};

/// How else this bill can be paid: only what works in its region, in the region's words.
#[component]
pub fn Ways(ways: WaysToPay, kind: BillKind) -> impl IntoView {
    let premium = kind == BillKind::Premium;
    let title = if ways.online == Mode::On { t!("ways-title") } else { t!("ways-title-only") };
    let by_mail = match &ways.mail {
        Some(lines) => view! { <Address lines=lines.clone()/> }.into_any(),
        None => view! { <p>{t!("ways-mail-unknown")}</p> }.into_any(),
    };
    let how_to_call = if premium { t!("ways-phone-note-premium") } else { t!("ways-phone-note") };
    let phones = [ways.phone.clone(), ways.other_phone.clone()];
    let automated = phones.into_iter().flatten().map(|phone| view! { <PhoneNumber phone/> }).collect_view();
    let by_machine = (!automated.is_empty()).then(|| view! { {automated} <p class="note">{how_to_call}</p> });
    let by_people = ways.ask.rep.clone().map(|phone| view! { <PhoneNumber phone/> });
    let by_phone = if by_machine.is_none() && by_people.is_none() {
        view! { <p>{t!("ways-phone-unknown")}</p> }.into_any()
    } else {
        view! { {by_machine} {by_people} }.into_any()
    };
    view! {
        <section class="section ways" id="ways">
            <h2>{title}</h2>
            <div class="card">
                <OnlineElsewhere ways=ways.clone()/>
                <Facts>
                    <Fact term=t!("ways-phone")>{by_phone}</Fact>
                    <Fact term=t!("ways-mail")>{by_mail} <p class="note">{t!("ways-mail-note")}</p></Fact>
                    <Fact term=t!("ways-in-person")><p>{t!("ways-in-person-note")}</p></Fact>
                </Facts>
            </div>
        </section>
    }
}

/// Where paying online is not ours: an outside site, or people.
#[component]
fn OnlineElsewhere(ways: WaysToPay) -> impl IntoView {
    match (ways.online, ways.online_target) {
        (Mode::On, _) => ().into_any(),
        (Mode::HandOff, Some(site)) => {
            let href = if site.starts_with("https://") { site.clone() } else { format!("https://{site}") };
            let name = href.trim_start_matches("https://").split('/').next().unwrap_or_default().to_owned();
            view! {
                <p>{t!("ways-online-handoff")}</p>
                <p><a class="button quiet" href=href rel="noreferrer">{t!("ways-online-handoff-link", site = name)}</a></p>
            }
            .into_any()
        }
        _ => view! { <p>{t!("ways-online-contact")}</p> }.into_any(),
    }
}

/// Whom to ask: the people of Member Services where the plan publishes their line, else the paper their number is
/// printed on. A machine is never offered as somebody to ask (S25, S46, S76, S81).
#[component]
pub fn WhomToAsk(
    ask: Ask,
    /// At the foot of a page: the number and its hours, not whether they answer now.
    #[prop(optional)]
    brief: bool,
) -> impl IntoView {
    let Ask { about, rep, automated } = ask;
    if let Some(phone) = rep {
        return view! { <PhoneNumber phone brief/> }.into_any();
    }
    view! {
        <p>{words::say_printed(about, language())}</p>
        {automated.map(|phone| view! { <PhoneNumber phone/> <p class="note">{t!("ask-automated")}</p> })}
    }
    .into_any()
}

/// A number to tap, under the name of what answers it, with its line for teletypes and its hours.
#[component]
fn PhoneNumber(phone: Phone, #[prop(optional)] brief: bool) -> impl IntoView {
    let name = words::say_line(phone.line, language());
    let digits: String = phone.number.chars().filter(char::is_ascii_digit).collect();
    let hours = phone.hours.as_deref().map(say);
    let people = (phone.line == Line::MemberServices && !brief).then(|| t!("line-representative"));
    view! {
        <p>
            {name} <br/>
            <a class="phone" href=format!("tel:+{digits}")>{words::say_phone(&phone.number)}</a>
            " · "
            {t!("ways-tty", number = phone.tty.clone())}
            {hours.map(|hours| view! { <br/> {hours} })}
            {people.map(|people| view! { <br/> {people} })}
            {phone.office.map(|office| view! { <OfficeHours office brief/> })}
        </p>
    }
}

/// When people answer, whether they do now, and when next.
#[component]
fn OfficeHours(office: Office, brief: bool) -> impl IntoView {
    let Office { hours, zone, open_now, opens_at } = office;
    let now = match (open_now, opens_at) {
        (true, _) => t!("ways-rep-open"),
        (false, Some(at)) => t!("ways-rep-closed", when = say_when(at, &zone)),
        (false, None) => t!("ways-rep-closed-now"),
    };
    view! { <br/> {words::say_hours(&hours, &zone, language())} {(!brief).then(|| view! { <br/> {now} })} }
}

#[component]
fn Address(lines: Vec<String>) -> impl IntoView {
    let lines = lines
        .into_iter()
        .enumerate()
        .map(|(index, line)| view! { {(index > 0).then(|| view! { <br/> })} {line} })
        .collect_view();
    view! { <address>{lines}</address> }
}
