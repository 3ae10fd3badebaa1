//! A person at a browser without JavaScript: cookies, forms posted from the page they stand on, redirects followed.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::header::{COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) body: String,
}

/// No whole answer came.
#[derive(Debug)]
pub(crate) struct Cut(#[expect(dead_code, reason = "read in the message of a failed test")] String);

/// What a page of a payment said. Whatever was said has to be true for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Told {
    Check,
    LooksAlike,
    AtGateway,
    /// "We are confirming your payment. Do not pay again."
    Confirming,
    Received,
    Pending,
    Settled,
    /// "No money was taken."
    NotTaken,
    Cancelled,
    RanOut,
    Returned,
    InReview,
}

impl Told {
    /// That the money was taken.
    pub(crate) fn is_taken(self) -> bool {
        matches!(self, Self::Received | Self::Pending | Self::Settled)
    }

    /// That it was not, and never will be.
    pub(crate) fn is_not_taken(self) -> bool {
        matches!(self, Self::NotTaken | Self::Cancelled | Self::RanOut)
    }

    fn read(heading: &str) -> Option<Self> {
        Some(match heading {
            "Check before you pay" => Self::Check,
            "You already made a payment like this one" => Self::LooksAlike,
            "Your payment is not finished yet" | "We are asking the payment company" => Self::AtGateway,
            "We are confirming your payment" => Self::Confirming,
            "No money was taken." => Self::NotTaken,
            "This payment is cancelled." => Self::Cancelled,
            "This payment ran out of time." => Self::RanOut,
            "Your bank sent this payment back." => Self::Returned,
            "Our staff is looking at this payment." => Self::InReview,
            other if other.starts_with("We received ") => Self::Received,
            other if other.ends_with(" is pending.") => Self::Pending,
            other if other.ends_with(" is final.") => Self::Settled,
            _ => return None,
        })
    }
}

impl Answer {
    /// What the page of a payment says.
    pub(crate) fn told(&self) -> Option<Told> {
        Told::read(&self.heading())
    }

    /// The text of the first `h1`.
    pub(crate) fn heading(&self) -> String {
        let inner = between(&self.body, "<h1", "</h1>").and_then(|inner| inner.split_once('>'));
        text(inner.map_or("", |(_, inner)| inner))
    }

    /// The fields a form carries: hidden ones, and what stands in the others.
    pub(crate) fn form(&self, action: &str) -> Option<BTreeMap<String, String>> {
        let forms = self.body.split("<form").skip(1).filter_map(|form| form.split("</form>").next());
        let form = forms.into_iter().find(|form| {
            let tag = form.split('>').next().unwrap_or_default();
            attribute(tag, "action").is_some_and(|to| to == action)
        })?;
        let inputs = form.split("<input").skip(1).filter_map(|input| input.split('>').next());
        let fields = inputs.filter(|tag| {
            let kind = attribute(tag, "type");
            !matches!(kind.as_deref(), Some("radio" | "checkbox")) || tag.contains(" checked")
        });
        let pair = |tag: &str| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default()));
        Some(fields.filter_map(pair).collect())
    }

    /// Whether this is the answer of somebody who cannot answer now.
    pub(crate) fn is_trouble(&self) -> bool {
        self.status >= 500 || self.status == 429
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} {}", self.status, self.heading(), self.location.as_deref().unwrap_or_default())
    }
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(from)?;
    rest.split_once(to).map(|(inner, _)| inner)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    between(tag, &format!(" {name}=\""), "\"").map(unescaped)
}

/// Without tags, comments and entities.
fn text(html: &str) -> String {
    let mut out = String::new();
    for part in html.split('<') {
        out.push_str(part.split_once('>').map_or(if out.is_empty() { part } else { "" }, |(_, text)| text));
    }
    unescaped(out.trim())
}

fn unescaped(text: &str) -> String {
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#39;", "'"), ("&amp;", "&")]
        .into_iter()
        .fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}

/// What stands in front of several portals: requests go to each in turn.
#[derive(Clone, Default)]
pub(crate) struct Doors {
    open: Arc<Mutex<Vec<SocketAddr>>>,
    turn: Arc<AtomicUsize>,
}

impl Doors {
    pub(crate) fn open(&self, door: SocketAddr) {
        self.open.lock().unwrap().push(door);
    }

    pub(crate) fn close(&self, door: SocketAddr) {
        self.open.lock().unwrap().retain(|other| *other != door);
    }

    pub(crate) fn next(&self) -> SocketAddr {
        let open = self.open.lock().unwrap();
        open[self.turn.fetch_add(1, Ordering::Relaxed) % open.len()]
    }
}

#[derive(Clone)]
pub(crate) struct Browser {
    http: reqwest::Client,
    /// The portal as the browser knows it. Which process answers is the business of whoever stands in front.
    origin: String,
    doors: Doors,
    /// Requests that got no answer, or that of somebody who cannot.
    pub(crate) troubles: usize,
    cookies: BTreeMap<String, String>,
    /// Where it says it comes from: neighbours are throttled together.
    address: String,
}

impl Browser {
    /// A browser of its own network: `number` tells it from others.
    pub(crate) fn new(origin: &str, doors: &Doors, number: usize) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            // The portal hangs up on lines that are silent for five seconds.
            .pool_idle_timeout(Duration::from_secs(2))
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        let address = format!("10.{}.{}.7", number / 250 + 1, number % 250);
        let (origin, doors) = (origin.to_owned(), doors.clone());
        Self { http, origin, doors, troubles: 0, cookies: BTreeMap::new(), address }
    }

    /// A page of the portal.
    pub(crate) async fn get(&mut self, path: &str) -> Result<Answer, Cut> {
        self.ask(self.http.get(format!("http://{}{path}", self.doors.next()))).await
    }

    /// A form of the portal, sent from a page of the portal.
    pub(crate) async fn post(
        &mut self,
        path: &str,
        fields: &BTreeMap<String, String>,
    ) -> Result<Answer, Cut> {
        let request = self
            .http
            .post(format!("http://{}{path}", self.doors.next()))
            .header(ORIGIN, &self.origin)
            .form(fields);
        self.ask(request).await
    }

    /// The path of an address of ours; none where the gateway or somebody else is meant.
    pub(crate) fn path_of<'a>(&self, address: &'a str) -> Option<&'a str> {
        let path = address.strip_prefix(&self.origin).unwrap_or(address);
        path.starts_with('/').then_some(path)
    }

    /// Goes where an answer leads, as long as it leads to our own pages.
    pub(crate) async fn follow(&mut self, mut answer: Answer) -> Result<Answer, Cut> {
        while let Some(to) = answer.location.clone() {
            let Some(path) = self.path_of(&to) else { break };
            answer = self.get(path).await?;
        }
        Ok(answer)
    }

    async fn ask(&mut self, request: reqwest::RequestBuilder) -> Result<Answer, Cut> {
        let answer = self.try_to_ask(request).await;
        self.troubles += usize::from(answer.as_ref().map_or(true, Answer::is_trouble));
        answer
    }

    async fn try_to_ask(&mut self, request: reqwest::RequestBuilder) -> Result<Answer, Cut> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let host = self.origin.trim_start_matches("http://");
        let request = request
            .header(HOST, host)
            .header("x-forwarded-for", &self.address)
            .header(COOKIE, cookies.join("; "));
        let answer = request.send().await.map_err(cut)?;
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() || attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        read(answer).await
    }

    /// The gateway's page, filled in and sent. Gives where it sends the person.
    pub(crate) async fn pay_at_gateway(
        &self,
        url: &str,
        details: &BTreeMap<String, String>,
    ) -> Result<Answer, Cut> {
        let page = read(self.http.get(url).send().await.map_err(cut)?).await?;
        if page.status != 200 {
            return Ok(page);
        }
        let action = url.split_once("/pay/").map(|(_, page)| format!("/pay/{page}")).unwrap();
        let Some(mut fields) = page.form(&action) else { return Ok(page) };
        fields.extend(details.clone());
        self.press_at_gateway(url, &fields).await
    }

    /// A form of the gateway's.
    pub(crate) async fn press_at_gateway(
        &self,
        url: &str,
        fields: &BTreeMap<String, String>,
    ) -> Result<Answer, Cut> {
        read(self.http.post(url).form(fields).send().await.map_err(cut)?).await
    }
}

async fn read(answer: reqwest::Response) -> Result<Answer, Cut> {
    let status = answer.status().as_u16();
    let location = answer.headers().get(LOCATION).map(|it| it.to_str().unwrap().to_owned());
    let body = answer.text().await.map_err(cut)?;
    Ok(Answer { status, location, body })
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn cut(error: reqwest::Error) -> Cut {
    Cut(format!("{error:?}"))
}
