//! Mail, handed over by SMTP. Text and the same as HTML.

use std::time::Duration;

use async_trait::async_trait;
use billing::notices::{Mail, MailError, Mailer};
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    address::AddressError,
    message::{Mailbox, MultiPart, header},
};

const WAIT: Duration = Duration::from_secs(10);

/// A mail server reached by address: `smtp://host:port`, or `smtps://user:password@host:port`.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

#[derive(Debug, thiserror::Error)]
pub enum BadMailServer {
    #[error("the mail server's address cannot be used: {0}")]
    Url(#[from] lettre::transport::smtp::Error),
    #[error("the sender's address cannot be used: {0}")]
    From(#[from] AddressError),
}

impl SmtpMailer {
    /// `from`: what stands in From, as `Member billing <billing@example.org>`.
    pub fn new(url: &str, from: &str) -> Result<Self, BadMailServer> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)?.timeout(Some(WAIT)).build();
        Ok(Self { transport, from: from.parse()? })
    }

    fn message(&self, mail: &Mail) -> Result<Message, MailError> {
        let to: Mailbox = mail.to.parse().map_err(|_| MailError::Never("no address".to_owned()))?;
        Message::builder()
            .message_id(Some(format!("<{}>", mail.message_id)))
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject.clone())
            .header(ContentLanguage(mail.language.tag().to_owned()))
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(|error| MailError::Never(error.to_string()))
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        match self.transport.send(self.message(mail)?).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(MailError::Never(code(&error))),
            Err(error) => Err(MailError::Later(code(&error))),
        }
    }
}

/// The server's number, never its words: they repeat the address.
fn code(error: &lettre::transport::smtp::Error) -> String {
    error.status().map_or_else(|| "no answer".to_owned(), |status| status.to_string())
}

#[derive(Clone)]
struct ContentLanguage(String);

impl header::Header for ContentLanguage {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Content-Language")
    }

    fn parse(value: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(value.to_owned()))
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// No out-of-office answers to us, please (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl header::Header for AutoSubmitted {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
