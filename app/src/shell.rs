//! The document every page stands in, and the member's pages by their addresses.

use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::{
    components::{AnswerPage, Layout, Stopped},
    pages,
    sitting::{language, site},
};

/// A whole document with the member's pages in it, for the listener's routes.
pub fn shell(_options: LeptosOptions) -> impl IntoView {
    view! { <Document><MemberApp/></Document> }
}

/// A whole document for an answer without a page of its own: the listener shows it for any status from 400 that has no
/// page yet (errors of forms, guards, limits, unknown addresses). The status of the response stays the caller's.
pub fn answer(status: u16) -> impl IntoView {
    view! { <Document><Answered status/></Document> }
}

#[component]
fn Answered(status: u16) -> impl IntoView {
    provide_meta_context();
    view! { <Layout><AnswerPage status/></Layout> }
}

#[component]
fn Document(children: Children) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang=language().tag()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#ffffff"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#1b2124"/>
                <meta name="format-detection" content="telephone=no"/>
                <meta name="robots" content="noindex"/>
                <link rel="stylesheet" href=site().css/>
                <link rel="icon" href="/icon.svg"/>
                <MetaTags/>
            </head>
            <body>{children()}</body>
        </html>
    }
}

/// The member's pages. Whole before the first byte, so that the status is true.
#[component]
pub fn MemberApp() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Layout>
                <FlatRoutes fallback=|| view! { <Stopped error=billing::error::Error::NotFound/> }>
                    <Route path=path!("/") view=pages::OverviewPage ssr=SsrMode::Async/>
                    <Route path=path!("/bills") view=pages::BillsPage ssr=SsrMode::Async/>
                    <Route path=path!("/bills/:id") view=pages::BillPage ssr=SsrMode::Async/>
                    <Route path=path!("/bills/:id/pay") view=pages::PayPage ssr=SsrMode::Async/>
                    <Route path=path!("/payments") view=pages::PaymentsPage ssr=SsrMode::Async/>
                    <Route path=path!("/payments/:id") view=pages::PaymentPage ssr=SsrMode::Async/>
                    <Route path=path!("/explain/:kind/:id") view=pages::ExplainPage ssr=SsrMode::Async/>
                    <Route path=path!("/profile") view=pages::ProfilePage ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in") view=pages::SignInPage ssr=SsrMode::Async/>
                    <Route path=path!("/register") view=pages::RegisterPage ssr=SsrMode::Async/>
                    <Route path=path!("/register/finish") view=pages::RegisterFinishPage ssr=SsrMode::Async/>
                    <Route path=path!("/reset") view=pages::ResetPage ssr=SsrMode::Async/>
                    <Route path=path!("/language") view=pages::LanguagePage ssr=SsrMode::Async/>
                    <Route path=path!("/stay") view=pages::StayPage ssr=SsrMode::Async/>
                </FlatRoutes>
            </Layout>
        </Router>
    }
}
