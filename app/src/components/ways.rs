use billing::{
    bills::BillKind,
    rules::{Mode, Phone, WaysToPay},
};
use leptos::prelude::*;

use super::{Fact, Facts, say_when};
use crate::{t, words::say};

/// How else this bill can be paid, and whom to ask: only what works in its region, in the region's words.
#[component]
pub fn Ways(ways: WaysToPay, kind: BillKind) -> impl IntoView {
    let premium = kind == BillKind::Premium;
    let title = if ways.online == Mode::On { t!("ways-title") } else { t!("ways-title-only") };
    let by_mail = match &ways.mail {
        Some(lines) => {
            view! { <Address lines=lines.clone()/> <p class="note">{t!("ways-mail-note")}</p> }.into_any()
        }
        None => {
            view! { <p>{t!("ways-mail-unknown")}</p> <p class="note">{t!("ways-mail-note")}</p> }.into_any()
        }
    };
    let how_to_call = if premium { t!("ways-phone-note-premium") } else { t!("ways-phone-note") };
    let phones = [ways.phone.clone(), ways.other_phone.clone()];
    let automated = phones.into_iter().flatten().map(|phone| view! { <PhoneNumber phone/> }).collect_view();
    view! {
        <section class="section ways" id="ways">
            <h2>{title}</h2>
            <div class="card">
                <OnlineElsewhere ways=ways.clone()/>
                <Facts>
                    <Fact term=t!("ways-phone")>
                        {if automated.is_empty() {
                            view! { <p>{t!("ways-see-bill")}</p> }.into_any()
                        } else {
                            view! { {automated} <p class="note">{how_to_call}</p> }.into_any()
                        }}
                    </Fact>
                    <Fact term=t!("ways-mail")>{by_mail}</Fact>
                    <Fact term=t!("ways-in-person")><p>{t!("ways-in-person-note")}</p></Fact>
                    {ways
                        .rep
                        .clone()
                        .map(|phone| {
                            view! {
                                <Fact term=t!("ways-rep")>
                                    <PhoneNumber phone=phone.clone()/>
                                    <p class="note">{answering(&phone, &ways.zone)}</p>
                                </Fact>
                            }
                        })}
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

/// Member Services, whom to ask about a payment; the line on the bill where the plan states none.
#[component]
pub fn WhomToAsk(ways: WaysToPay) -> impl IntoView {
    match ways.rep.or(ways.phone) {
        Some(phone) => {
            let answering = answering(&phone, &ways.zone);
            view! { <PhoneNumber phone/> <p class="note">{answering}</p> }.into_any()
        }
        None => view! { <p>{t!("ways-see-bill")}</p> }.into_any(),
    }
}

/// A number to tap, with its line for teletypes and its hours.
#[component]
fn PhoneNumber(phone: Phone) -> impl IntoView {
    let digits: String = phone.number.chars().filter(char::is_ascii_digit).collect();
    let hours = phone.hours.as_deref().map(say);
    view! {
        <p>
            <a class="phone" href=format!("tel:+{digits}")>{phone.number.clone()}</a>
            " · "
            {t!("ways-tty", number = phone.tty.clone())}
            {hours.map(|hours| view! { <br/> {hours} })}
        </p>
    }
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

/// Whether a person answers now, and when next.
fn answering(phone: &Phone, zone: &str) -> Option<String> {
    match (phone.open_now?, phone.opens_at) {
        (true, _) => Some(t!("ways-rep-open")),
        (false, Some(at)) => Some(t!("ways-rep-closed", when = say_when(at, zone))),
        (false, None) => Some(t!("ways-rep-closed-now")),
    }
}
