//! A server that can go silent: a forwarder on loopback that, switched off, cuts what is open and answers nothing.

use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The switch of a forwarder.
pub struct Switch {
    /// Where the forwarder listens.
    pub address: String,
    on: Arc<watch::Sender<bool>>,
}

impl Switch {
    /// Begins to forward to a server.
    pub async fn before(server: &str) -> Self {
        let target = server.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let on = Arc::new(watch::Sender::new(true));
        let state = on.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (target, state) = (target.clone(), state.subscribe());
                tokio::spawn(forward(client, target, state));
            }
        });
        Self { address, on }
    }

    /// From now on the server answers, or not.
    pub fn turn(&self, on: bool) {
        self.on.send_replace(on);
    }
}

async fn forward(mut client: TcpStream, target: String, mut on: watch::Receiver<bool>) {
    if !*on.borrow() {
        // Silent until it is switched on again; then whoever still waits is cut off.
        let _ = on.wait_for(|on| *on).await;
        return;
    }
    let Ok(mut server) = TcpStream::connect(&target).await else {
        return;
    };
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
        _ = on.wait_for(|on| !*on) => {}
    }
}
