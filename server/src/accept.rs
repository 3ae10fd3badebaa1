//! The accept loop. `axum::serve` sets no timers, so a slow sender would hold a connection for ever; ours does.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Router, extract::ConnectInfo};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

const HEADERS_IN: Duration = Duration::from_secs(5);
const CONNECTIONS_PER_ADDRESS: u32 = 100;
/// How long requests under way may still take once we stop.
const DRAIN: Duration = Duration::from_secs(8);

/// Serves `router` until `stop`, then lets requests under way end.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let graceful = GracefulShutdown::new();
    let open = Open::default();
    loop {
        let (stream, peer) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely: wait for some to close.
                    tracing::warn!(%error, "cannot accept");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let Some(place) = open.take(peer.ip()) else { continue };
        let _ = stream.set_nodelay(true);
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS_IN)
            .max_headers(64)
            .max_buf_size(32 * 1024);
        builder.http2().timer(TokioTimer::new()).max_concurrent_streams(100).max_header_list_size(16 * 1024);
        let service =
            router.clone().map_request(move |mut request: axum::http::Request<hyper::body::Incoming>| {
                request.extensions_mut().insert(ConnectInfo(peer));
                request.map(axum::body::Body::new)
            });
        let connection =
            builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A peer that goes away in the middle is no fault of ours.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(DRAIN) => tracing::warn!("requests were still under way when the time to drain ran out"),
    }
}

/// Open connections by address.
#[derive(Clone, Default)]
struct Open(Arc<Mutex<HashMap<IpAddr, u32>>>);

impl Open {
    fn take(&self, address: IpAddr) -> Option<Place> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_default();
        if *count >= CONNECTIONS_PER_ADDRESS && !address.is_loopback() {
            return None;
        }
        *count = count.saturating_add(1);
        Some(Place { open: self.clone(), address })
    }
}

struct Place {
    open: Open,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

/// The address a request came from: the peer's, or, behind `proxies` of our own, the entry they vouch for.
pub fn client_address(peer: SocketAddr, forwarded_for: Option<&str>, proxies: usize) -> IpAddr {
    let Some(position) = proxies.checked_sub(1) else { return peer.ip() };
    forwarded_for
        .and_then(|list| list.rsplit(',').nth(position))
        .and_then(|entry| entry.trim().parse().ok())
        .unwrap_or_else(|| peer.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarded_addresses_count_from_the_right() {
        let peer: SocketAddr = "10.0.0.1:80".parse().unwrap();
        let list = Some("6.6.6.6, 203.0.113.7, 10.0.0.2");
        assert_eq!(client_address(peer, list, 0).to_string(), "10.0.0.1");
        assert_eq!(client_address(peer, list, 1).to_string(), "10.0.0.2");
        assert_eq!(client_address(peer, list, 2).to_string(), "203.0.113.7");
        assert_eq!(client_address(peer, list, 9).to_string(), "10.0.0.1");
        assert_eq!(client_address(peer, Some("nonsense"), 1).to_string(), "10.0.0.1");
    }
}
