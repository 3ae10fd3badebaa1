use billing::{error::Error, members::Profile, visits::Visit, words::Language};
use leptos::prelude::*;

use crate::{
    components::{Card, Dated, Fact, Facts, Load, Page, Timed, WhomToAsk, own_name},
    path::{Path, Place},
    sitting::seat,
    t,
    words::say,
};

/// Who you are to us, how we reach you, and where you are signed in.
#[component]
pub fn ProfilePage() -> impl IntoView {
    let profile = async {
        let seat = seat()?;
        let profile = seat.member()?.profile().await?;
        Ok::<_, Error>((profile, seat.visit()?.clone()))
    };
    view! { <Load from=profile show=|(profile, visit)| view! { <Known profile visit/> }/> }
}

#[component]
fn Known(profile: Profile, visit: Visit) -> impl IntoView {
    let name = format!("{} {}", profile.given_name, profile.family_name);
    let ask = visit.member.as_ref().map(|member| member.ask.clone()).unwrap_or_default();
    let (zone, since_zone) = (profile.zone.clone(), profile.zone.clone());
    view! {
        <Page title=t!("profile-title")>
            <h1>{t!("profile-title")}</h1>
            <Card title=t!("profile-who") id="who">
                <Facts>
                    <Fact term=t!("profile-name")>{name}</Fact>
                    <Fact term=t!("register-mrn")><span class="reference">{profile.mrn}</span></Fact>
                    {profile
                        .birth_on
                        .map(|on| view! { <Fact term=t!("register-birth-date")><Dated on/></Fact> })}
                    <Fact term=t!("profile-region")>{say(&format!("region-{}", profile.region.to_lowercase()))}</Fact>
                </Facts>
            </Card>
            <Card title=t!("profile-reach") id="reach">
                <Facts>
                    <Fact term=t!("field-email")>{profile.email.unwrap_or_else(|| t!("profile-email-none"))}</Fact>
                </Facts>
                <p class="note">{t!("profile-reach-note")}</p>
            </Card>
            <Card title=t!("profile-change") id="change">
                <p>{t!("profile-change-note")}</p>
                <WhomToAsk ask/>
            </Card>
            <Card title=t!("language-title") id="language"><Tongues now=profile.language/></Card>
            <Card title=t!("profile-security") id="security">
                <p><a href=Path::Reset.to_string()>{t!("profile-password")}</a></p>
                {visit
                    .member
                    .map(|member| {
                        view! {
                            <Facts>
                                <Fact term=t!("profile-since")><Timed at=member.signed_in_at zone=since_zone/></Fact>
                                <Fact term=t!("profile-until")>
                                    <Timed at=visit.idle_end.min(visit.absolute_end) zone/>
                                </Fact>
                            </Facts>
                        }
                    })}
                <div class="actions">
                    <form method="post" action="/api/sign-out">
                        <button class="button">{t!("sign-out")}</button>
                    </form>
                    <form method="post" action="/api/sign-out-everywhere">
                        <button class="button quiet" aria-describedby="everywhere-hint">{t!("profile-everywhere")}</button>
                    </form>
                </div>
                <p class="note" id="everywhere-hint">{t!("profile-everywhere-note")}</p>
            </Card>
        </Page>
    }
}

/// The languages, the present one marked.
#[component]
fn Tongues(now: Language) -> impl IntoView {
    let choices = Language::ALL
        .into_iter()
        .map(|choice| {
            view! {
                <button
                    class="button quiet"
                    name="language"
                    value=choice.tag()
                    lang=choice.tag()
                    aria-pressed=if choice == now { "true" } else { "false" }
                >
                    {own_name(choice)}
                </button>
            }
        })
        .collect_view();
    view! {
        <form class="actions" method="post" action="/api/language">
            <input type="hidden" name="back" value=Place::from(Path::Profile).to_string()/>
            {choices}
        </form>
        <p class="note">{t!("language-text")} " " {t!("language-mail")}</p>
    }
}
