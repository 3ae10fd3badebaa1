//! A portal in memory: the member router over a plan of one test, and people who send it requests.

use std::sync::Arc;

use app::Site;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use billing::{
    Billing,
    testing::{
        TestPlan,
        people::{self, Post, Registered},
    },
    visits::SessionKey,
};
use regex_lite::Regex;
use server::{
    hooks::Hooks,
    listeners::member::{self, Member},
};
use sqlx::PgPool;
use tower::ServiceExt as _;
use tower_sessions::session::Id;

pub const ORIGIN: &str = "http://localhost:3000";
pub const GATEWAY: &str = "https://pay.example";

pub struct Portal {
    pub plan: TestPlan,
    pub post: Post,
    pub router: Router,
}

fn router(billing: Billing, gateway: &str) -> Router {
    let site = Site {
        gateway_origin: gateway.to_owned(),
        base_url: ORIGIN.to_owned(),
        css: "/pkg/portal.css".to_owned(),
        js: String::new(),
        wasm: String::new(),
        demo: false,
    };
    member::router(Member {
        billing: billing.clone(),
        site,
        folder: std::env::temp_dir(),
        hosts: vec!["localhost:3000".to_owned()],
        hooks: Hooks { billing, secrets: Arc::new(["hook-secret".into()]) },
        proxies: 0,
        slack: 100_000,
    })
}

/// An answer, whole.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn location(&self) -> &str {
        self.header(header::LOCATION.as_str())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The cookie of the visit this answer begins or goes on with.
    pub fn session(&self) -> Option<Cookie> {
        let set = self.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        set.filter_map(|line| line.split(';').next())
            .find(|pair| pair.starts_with("session=") && *pair != "session=")
            .map(|pair| Cookie(Some(pair.to_owned())))
    }

    /// What an outsider can tell two answers apart by: status, headers and body, with what is random in every answer
    /// blanked.
    pub fn seen(&self) -> (StatusCode, Vec<(String, String)>, String) {
        let nonce = Regex::new("(nonce-|nonce=\")[A-Za-z0-9_-]+").unwrap();
        let id = Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap();
        let clock = Regex::new("[0-9]{1,2}:[0-9]{2} [AP]M|[0-9:]{8} GMT").unwrap();
        let blank = |text: &str| {
            let text = nonce.replace_all(text, "$1-").into_owned();
            let text = id.replace_all(&text, "id").into_owned();
            clock.replace_all(&text, "time").into_owned()
        };
        let mut headers: Vec<(String, String)> = self
            .headers
            .iter()
            .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
            .map(|(name, value)| (name.to_string(), blank(value.to_str().unwrap_or_default())))
            .collect();
        headers.sort();
        (self.status, headers, blank(&self.body))
    }
}

/// A browser, by its cookie.
#[derive(Clone, Debug, Default)]
pub struct Cookie(pub Option<String>);

impl Cookie {
    pub fn of(key: SessionKey) -> Self {
        Self(Some(format!("session={}", Id(key.to_i128()))))
    }
}

impl Portal {
    pub async fn open(pool: PgPool) -> Self {
        let (plan, post) = people::plan(pool).await;
        let router = router(plan.billing.clone(), GATEWAY);
        Self { plan, post, router }
    }

    /// Another portal of the same plan, over what `billing` holds of it and a gateway of its own.
    pub fn over(&self, billing: Billing, gateway: &str) -> Self {
        Self { plan: self.plan.clone(), post: self.post.clone(), router: router(billing, gateway) }
    }

    /// Shuts this person out. A live visit of theirs stays as it is: it must count for nothing.
    pub async fn disables(&self, person: &Registered) {
        sqlx::query("UPDATE member SET disabled_at = $2 WHERE member_id = $1")
            .bind(person.member.id.0)
            .bind(self.plan.now())
            .execute(self.plan.owner())
            .await
            .expect("disabled");
    }

    pub async fn person(&self, name: &str) -> Registered {
        people::registered(&self.plan, &self.post, name).await
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.expect("routers do not fail");
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a whole body");
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    pub async fn get(&self, path: &str, cookie: &Cookie) -> Answer {
        self.send(request(Method::GET, path, cookie).body(Body::empty()).unwrap()).await
    }

    /// A form of ours, sent from a page of ours.
    pub async fn post(&self, path: &str, cookie: &Cookie, fields: &[(&str, &str)]) -> Answer {
        let request = request(Method::POST, path, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(encoded(fields))).unwrap()).await
    }

    /// How many rows each table that people can change holds: what an effect would show in.
    pub async fn rows(&self) -> Vec<i64> {
        let counts = sqlx::query_scalar::<_, i64>(
            "SELECT count(*) FROM payment UNION ALL SELECT count(*) FROM payment_event
             UNION ALL SELECT count(*) FROM posting UNION ALL SELECT count(*) FROM notice
             UNION ALL SELECT count(*) FROM visit UNION ALL SELECT count(*) FROM visit WHERE revoked_at IS NULL
             UNION ALL SELECT count(*) FROM proof UNION ALL SELECT count(*) FROM refused_form
             UNION ALL SELECT count(*) FROM throttle UNION ALL SELECT count(*) FROM gateway_event
             UNION ALL SELECT count(*) FROM member WHERE language = 'es'",
        );
        counts.fetch_all(self.plan.owner()).await.expect("counts")
    }

    /// What the rows say that no form may write by a column's name.
    pub async fn contents(&self) -> Vec<String> {
        let sums = sqlx::query_scalar::<_, String>(
            "SELECT coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM payment t
             UNION ALL SELECT coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM payment_attempt t
             UNION ALL SELECT coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM bill t
             UNION ALL SELECT coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM member t
             UNION ALL SELECT coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM credential t
             UNION ALL SELECT coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM account t
             UNION ALL SELECT coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM transfer t",
        );
        sums.fetch_all(self.plan.owner()).await.expect("sums")
    }
}

pub fn request(method: Method, path: &str, cookie: &Cookie) -> axum::http::request::Builder {
    let request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:3000");
    match &cookie.0 {
        Some(cookie) => request.header(header::COOKIE, cookie),
        None => request,
    }
}

pub fn encoded(fields: &[(&str, &str)]) -> String {
    let text = |text: &str| {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect::<String>()
    };
    fields.iter().map(|(name, value)| format!("{}={}", text(name), text(value))).collect::<Vec<_>>().join("&")
}
