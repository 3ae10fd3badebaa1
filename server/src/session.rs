//! The cookie of a visit. tower-sessions carries a random id and nothing else; the row of billing's `visits` counts.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use app::sitting::{Browser, Wait};
use async_trait::async_trait;
use axum::http::{HeaderName, HeaderValue, header};
use billing::{
    Billing,
    error::{Error, Fault},
    sign_in::SignedInVisit,
    visits::{RefusedForm, SessionKey, Visit},
};
use tower_sessions::{
    Session, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store,
};
use uuid::Uuid;

/// Key of a record's data: the key of a visit that billing opened itself.
const ENTERED: &str = "entered";
/// An empty record would not be saved and would set no cookie.
const BEGUN: &str = "begun";

/// A store over the visit rows: `create` alone inserts, `delete` revokes, nothing revives.
#[derive(Clone)]
pub struct VisitStore {
    billing: Billing,
}

impl fmt::Debug for VisitStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VisitStore")
    }
}

#[async_trait]
impl SessionStore for VisitStore {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        if let Some(key) = record.data.remove(ENTERED).and_then(|key| key.as_str()?.parse().ok()) {
            record.id = Id(key);
            return Ok(());
        }
        loop {
            let key = SessionKey::from(record.id.0);
            if self.billing.visits().create(key, None).await.map_err(backend)?.is_some() {
                return Ok(());
            }
            record.id = Id(SessionKey::mint().to_i128());
        }
    }

    /// Nothing is kept with a visit but what billing keeps itself.
    async fn save(&self, _: &Record) -> session_store::Result<()> {
        Ok(())
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let found = self.billing.visits().load(SessionKey::from(id.0)).await.map_err(backend)?;
        // The row knows when the visit ends; tower-sessions is not asked.
        let expiry_date = tower_sessions::cookie::time::OffsetDateTime::UNIX_EPOCH;
        Ok(found.map(|_| Record { id: *id, data: HashMap::new(), expiry_date }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.billing.visits().revoke(SessionKey::from(id.0)).await.map_err(backend)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn backend(error: Error) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

/// Names and attributes of our cookies. Over https the names bind them to this host and path.
#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    pub secure: bool,
}

impl Cookies {
    pub fn of(base_url: &str) -> Self {
        Self { secure: base_url.starts_with("https://") }
    }

    fn name(self, secure: &'static str, plain: &'static str) -> &'static str {
        if self.secure { secure } else { plain }
    }

    pub fn session(self) -> &'static str {
        self.name("__Host-session", "session")
    }

    pub fn device(self) -> &'static str {
        self.name("__Host-device", "device")
    }

    /// Lax: the return from the gateway is a link from another site.
    pub fn layer(self, billing: Billing) -> SessionManagerLayer<VisitStore> {
        SessionManagerLayer::new(VisitStore { billing })
            .with_name(self.session())
            .with_same_site(SameSite::Lax)
            .with_secure(self.secure)
            .with_http_only(true)
            .with_path("/")
    }
}

/// What the app may do to the visit's cookie.
pub struct VisitCookie {
    billing: Billing,
    session: Session,
    cookies: Cookies,
    /// Headers for the answer.
    set: Mutex<Vec<(HeaderName, HeaderValue)>>,
}

impl VisitCookie {
    pub fn new(billing: Billing, session: Session, cookies: Cookies) -> Self {
        Self { billing, session, cookies, set: Mutex::default() }
    }

    /// The visit of this request, and the form kept under the id `again`; one statement. A cookie that leads to none is
    /// taken away with the answer.
    pub async fn visit(&self, again: Option<Uuid>) -> Result<(Option<Visit>, Option<RefusedForm>), Error> {
        let Some(id) = self.session.id() else { return Ok((None, None)) };
        if let Some((visit, form)) = self.billing.visits().load_with(SessionKey::from(id.0), again).await? {
            return Ok((Some(visit), form));
        }
        // The session layer looks for itself.
        self.session.get_value(BEGUN).await.map_err(fault)?;
        Ok((None, None))
    }

    /// What the answer must carry besides the session's own cookie.
    pub fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, name: HeaderName, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.set.lock().unwrap_or_else(PoisonError::into_inner).push((name, value));
        }
    }

    async fn open(&self) -> Result<Visit, Error> {
        if let (Some(visit), _) = self.visit(None).await? {
            return Ok(visit);
        }
        self.session.insert(BEGUN, true).await.map_err(fault)?;
        self.session.save().await.map_err(fault)?;
        self.visit(None).await?.0.ok_or_else(|| Fault::broken("a visit could not be opened").into())
    }

    /// From here on the cookie names the visit that billing opened under this key.
    async fn carry(&self, key: SessionKey) -> Result<(), Error> {
        self.session.cycle_id().await.map_err(fault)?;
        self.session.clear().await;
        self.session.insert(ENTERED, key.to_i128().to_string()).await.map_err(fault)?;
        self.session.insert(BEGUN, true).await.map_err(fault)?;
        self.session.save().await.map_err(fault)
    }

    async fn go_on_anew(&self) -> Result<(), Error> {
        let Some(old) = self.session.id() else { return Ok(()) };
        let key = SessionKey::mint();
        if self.billing.visits().renew(SessionKey::from(old.0), key).await? {
            self.carry(key).await
        } else {
            self.end().await
        }
    }

    async fn take(&self, entered: SignedInVisit) -> Result<(), Error> {
        self.carry(entered.key).await?;
        let secure = if self.cookies.secure { "; Secure" } else { "" };
        let (name, mark) = (self.cookies.device(), entered.device);
        self.set(
            header::SET_COOKIE,
            &format!("{name}={mark}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000{secure}"),
        );
        Ok(())
    }

    async fn end(&self) -> Result<(), Error> {
        self.session.flush().await.map_err(fault)?;
        self.set(HeaderName::from_static("clear-site-data"), "\"cache\", \"storage\"");
        Ok(())
    }
}

impl Browser for VisitCookie {
    fn begin(&self) -> Wait<'_, Result<Visit, Error>> {
        Box::pin(self.open())
    }

    fn enter(&self, entered: SignedInVisit) -> Wait<'_, Result<(), Error>> {
        Box::pin(self.take(entered))
    }

    fn renew(&self) -> Wait<'_, Result<(), Error>> {
        Box::pin(self.go_on_anew())
    }

    fn leave(&self) -> Wait<'_, Result<(), Error>> {
        Box::pin(self.end())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn fault(error: tower_sessions::session::Error) -> Error {
    Fault::broken(format!("visit: {error}")).into()
}
