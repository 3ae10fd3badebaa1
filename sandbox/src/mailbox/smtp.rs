//! The SMTP side: takes mail from anyone to anyone, up to ten megabytes each.

use std::sync::Arc;
use std::time::Duration;

use smtp_proto::request::receiver::{DataReceiver, DummyDataReceiver, RequestReceiver};
use smtp_proto::{Error, Request};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::store::Mailbox;
use crate::listener::told;

const MOST_BYTES: usize = 10 * 1024 * 1024;
const MOST_RECIPIENTS: usize = 100;
const MOST_CONNECTIONS: usize = 128;
/// RFC 5321 asks for five minutes of patience.
const PATIENCE: Duration = Duration::from_mins(5);

/// Serves until `stop` says so.
pub(crate) async fn serve(listener: TcpListener, mailbox: Arc<Mailbox>, mut stop: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            () = told(&mut stop) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(fault) => {
                    tracing::warn!(%fault, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        while connections.try_join_next().is_some() {}
        if connections.len() < MOST_CONNECTIONS {
            let mailbox = Arc::clone(&mailbox);
            connections.spawn(async move {
                if let Err(fault) = converse(stream, &mailbox).await {
                    tracing::debug!(%fault, "a mail connection ended badly");
                }
            });
        }
    }
}

/// What the next bytes are.
enum Expecting {
    Commands,
    Message {
        receiver: DataReceiver,
        message: Vec<u8>,
    },
    /// The rest of a message that is too long.
    Rubbish(DummyDataReceiver),
}

#[derive(Default)]
struct Envelope {
    greeted: bool,
    from: Option<String>,
    to: Vec<String>,
}

impl Envelope {
    fn clear(&mut self) {
        self.from = None;
        self.to.clear();
    }
}

async fn converse(mut stream: TcpStream, mailbox: &Mailbox) -> std::io::Result<()> {
    stream.write_all(b"220 sandbox ESMTP\r\n").await?;
    let mut commands = RequestReceiver::default();
    let mut expecting = Expecting::Commands;
    let mut envelope = Envelope::default();
    let mut buffer = vec![0_u8; 16 * 1024];
    loop {
        let Ok(read) = tokio::time::timeout(PATIENCE, stream.read(&mut buffer)).await else {
            return stream.write_all(b"421 4.4.2 waited too long\r\n").await;
        };
        let read = read?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
        let mut rest = bytes.iter();
        // Commands may come many at once; their answers go out together and in order.
        let mut answers = String::new();
        let mut quit = false;
        while !quit && !rest.as_slice().is_empty() {
            match &mut expecting {
                Expecting::Commands => match commands.ingest(&mut rest).map(Request::into_owned) {
                    Ok(Request::Data) if envelope.from.is_some() && !envelope.to.is_empty() => {
                        answers.push_str("354 end with a dot on a line of its own\r\n");
                        expecting = Expecting::Message { receiver: DataReceiver::new(), message: Vec::new() };
                    }
                    Ok(Request::Quit) => {
                        answers.push_str("221 2.0.0 bye\r\n");
                        quit = true;
                    }
                    Ok(request) => answers.push_str(&answer(request, &mut envelope, mailbox)),
                    Err(Error::NeedsMoreData { .. }) => break,
                    Err(fault) => answers.push_str(complain(&fault)),
                },
                Expecting::Message { receiver, message } => {
                    if receiver.ingest(&mut rest, message) {
                        let from = envelope.from.take().unwrap_or_default();
                        answers.push_str(match mailbox.keep(&from, &envelope.to, message).await {
                            Ok(()) => "250 2.0.0 kept\r\n",
                            Err(_) => "451 4.3.0 the mailbox cannot be written\r\n",
                        });
                        envelope.clear();
                        expecting = Expecting::Commands;
                    } else if message.len() > MOST_BYTES {
                        expecting = Expecting::Rubbish(DummyDataReceiver::new_data(receiver));
                    }
                }
                Expecting::Rubbish(receiver) => {
                    if receiver.ingest(&mut rest) {
                        answers.push_str("552 5.3.4 the message is too long\r\n");
                        envelope.clear();
                        expecting = Expecting::Commands;
                    }
                }
            }
        }
        stream.write_all(answers.as_bytes()).await?;
        if quit {
            return stream.shutdown().await;
        }
    }
}

fn answer(request: Request<String>, envelope: &mut Envelope, mailbox: &Mailbox) -> String {
    match request {
        Request::Ehlo { .. } => {
            envelope.clear();
            envelope.greeted = true;
            format!(
                "250-sandbox\r\n250-PIPELINING\r\n250-SIZE {MOST_BYTES}\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n\
                 250 ENHANCEDSTATUSCODES\r\n"
            )
        }
        Request::Helo { .. } => {
            envelope.clear();
            envelope.greeted = true;
            "250 sandbox\r\n".to_owned()
        }
        Request::Mail { .. } if !envelope.greeted => "503 5.5.1 say EHLO first\r\n".to_owned(),
        Request::Mail { .. } if envelope.from.is_some() => "503 5.5.1 one mail at a time\r\n".to_owned(),
        Request::Mail { from } if from.size > MOST_BYTES => {
            "552 5.3.4 the message is too long\r\n".to_owned()
        }
        Request::Mail { from } => {
            envelope.from = Some(from.address);
            "250 2.1.0 ok\r\n".to_owned()
        }
        Request::Rcpt { .. } if envelope.from.is_none() => "503 5.5.1 say MAIL first\r\n".to_owned(),
        Request::Rcpt { .. } if envelope.to.len() >= MOST_RECIPIENTS => "452 4.5.3 too many\r\n".to_owned(),
        Request::Rcpt { to } => {
            if let Some(code) = mailbox.refusal(&to.address) {
                let class = code / 100;
                format!("{code} {class}.3.0 refused because the dial says so\r\n")
            } else {
                envelope.to.push(to.address);
                "250 2.1.5 ok\r\n".to_owned()
            }
        }
        Request::Data => "503 5.5.1 say MAIL and RCPT first\r\n".to_owned(),
        Request::Rset => {
            envelope.clear();
            "250 2.0.0 ok\r\n".to_owned()
        }
        Request::Noop { .. } => "250 2.0.0 ok\r\n".to_owned(),
        Request::Vrfy { .. } => "252 2.5.0 everybody gets mail here\r\n".to_owned(),
        _ => "502 5.5.1 not here\r\n".to_owned(),
    }
}

const fn complain(fault: &Error) -> &'static str {
    match fault {
        Error::UnknownCommand => "500 5.5.1 unknown command\r\n",
        Error::InvalidSenderAddress => "501 5.1.7 that is no address\r\n",
        Error::InvalidRecipientAddress => "501 5.1.3 that is no address\r\n",
        Error::ResponseTooLong => "500 5.5.6 the line is too long\r\n",
        Error::UnsupportedParameter { .. } => "555 5.5.4 unknown parameter\r\n",
        _ => "501 5.5.4 cannot read that\r\n",
    }
}
