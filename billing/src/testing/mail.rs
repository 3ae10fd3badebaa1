//! Mail that goes nowhere, for a look at what was told.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::notices::{Mail, MailError, Mailer};

/// Keeps every mail handed to it.
#[derive(Clone, Default)]
pub struct TestMailer {
    sent: Arc<Mutex<Vec<Mail>>>,
}

impl TestMailer {
    pub fn sent(&self) -> Vec<Mail> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Mailer for TestMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(mail.clone());
        Ok(())
    }
}
