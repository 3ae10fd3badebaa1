use std::{net::SocketAddr, process::ExitCode, time::Duration};

use app::Site;
use billing::{clock::Clock, crash};
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Stop, plan};
use crate::{
    accept,
    config::{Listen, Plan, origin},
    hooks::Hooks,
    listeners::{
        desk,
        member::{self, Member},
        ops::{self, Ops, Ready},
    },
    site, work,
};

/// Between "not ready" and the last request taken.
const LEAVE: Duration = Duration::from_secs(2);

/// Answers until told to stop: then not ready first, and requests under way may end.
pub async fn serve(config: Plan, listen: Listen, works: bool) -> Result<ExitCode, Stop> {
    let metrics = PrometheusBuilder::new()
        .install_recorder()
        .map_err(|error| Stop::Other(format!("no metrics: {error}")))?;
    let billing = plan(&config, Clock::System).await?;
    let base_url = origin(&config.base_url, "PORTAL_BASE_URL")?;
    let gateway_origin = origin(&config.gateway_url, "PORTAL_GATEWAY_URL")?;
    let files = site::files(&listen.site);
    let site = Site {
        gateway_origin,
        base_url: base_url.clone(),
        css: files.css,
        js: files.js,
        wasm: files.wasm,
        demo: cfg!(feature = "demo"),
    };
    let mut hosts = vec![base_url.split_once("://").map_or(base_url.clone(), |(_, host)| host.to_owned())];
    hosts.push(listen.addr.to_string());
    if listen.addr.ip().is_loopback() {
        hosts.push(format!("localhost:{}", listen.addr.port()));
    }
    hosts.extend(listen.hosts.iter().filter(|host| !host.is_empty()).cloned());

    let ready = Ready::default();
    let member = member::router(Member {
        billing: billing.clone(),
        site,
        folder: listen.site.clone(),
        hosts,
        hooks: Hooks { billing: billing.clone(), secrets: config.webhook_secrets()?.into() },
        proxies: listen.proxies,
        slack: config.slack.max(1),
    });
    let ops = ops::router(Ops { ready: ready.clone(), billing: billing.clone(), metrics });

    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    for (address, router) in [(listen.addr, member), (listen.desk_addr, desk::router(&base_url))] {
        tasks.spawn(accept::serve(listener(address).await?, router, stop.clone()));
    }
    // Answers "not ready" until the last request under way has ended.
    let gone = CancellationToken::new();
    let ops = tokio::spawn(accept::serve(listener(listen.ops_addr).await?, ops, gone.clone()));
    if works {
        let (billing, stop) = (billing.clone(), stop.clone());
        tasks.spawn(async move { work::run(&billing, stop).await });
    }
    ready.set(true);
    tracing::info!(member = %listen.addr, desk = %listen.desk_addr, ops = %listen.ops_addr, "ready");

    told_to_stop().await;
    // Not ready first: whoever spreads requests over several of us needs a moment to see it and send them elsewhere.
    ready.set(false);
    crash::point("K27-leaving");
    tokio::time::sleep(LEAVE).await;
    stop.cancel();
    crash::point("K27-draining");
    tasks.close();
    if tokio::time::timeout(Duration::from_secs(15), tasks.wait()).await.is_err() {
        tracing::warn!("stopping without waiting any longer");
    }
    gone.cancel();
    let _ = tokio::time::timeout(Duration::from_secs(1), ops).await;
    Ok(ExitCode::SUCCESS)
}

async fn listener(address: SocketAddr) -> Result<TcpListener, Stop> {
    TcpListener::bind(address)
        .await
        .map_err(|error| Stop::Other(format!("{address} cannot be used: {error}")))
}

/// Ctrl-C or SIGTERM.
pub async fn told_to_stop() {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
