//! The edge of the real process: a log that cannot be written, clients that stand still, names and addresses.

use crate::harness::*;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv6Addr, TcpStream};
use std::process::{Command, Stdio};

/// More lines of the log than any pipe holds.
const ASKED: usize = 1_500;

/// Asks so often that the log would fill any pipe; answers how many requests were answered.
fn answered(served: &Served) -> usize {
    let path = format!("/api/v1/articles/nothing?{}", "x".repeat(200));
    let asked = (0..ASKED).map(|n| if n % 10 == 0 { "/healthz" } else { &path });
    let told = asked.filter_map(|path| try_ask(&served.address, "GET", path, None, None, ""));
    told.filter(|(status, ..)| [200, 404].contains(status))
        .count()
}

fn serve(data: &std::path::Path, log: Stdio) -> Served {
    let mut command: Command = command(
        data,
        &["serve", "--listen", "127.0.0.1:0", "--log", "debug"],
    );
    command.stderr(log);
    Served::spawn(command).0
}

#[test]
fn a_log_on_a_full_disk_stops_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let full = File::options().write(true).open("/dev/full").unwrap();
    let served = serve(folder.path(), full.into());
    assert_eq!(answered(&served), ASKED);
}

#[test]
fn a_log_whose_reader_is_gone_stops_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let mut served = serve(folder.path(), Stdio::piped());
    drop(served.child.stderr.take());
    assert_eq!(answered(&served), ASKED);
}

#[test]
fn a_log_that_nobody_reads_stops_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let mut served = serve(folder.path(), Stdio::piped());
    assert_eq!(answered(&served), ASKED);
    // The pipe was full, or the test shows nothing.
    let mut log = served.child.stderr.take().unwrap();
    served.child.kill().unwrap();
    let mut read = String::new();
    log.read_to_string(&mut read).unwrap();
    assert!(
        read.len() >= 60_000,
        "the log has only {} bytes",
        read.len()
    );
    assert!(read.matches("\"answered\"").count() < ASKED);
}

#[test]
fn one_who_still_sends_does_not_hold_up_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut served = Served::start(folder.path());
    let mut half = TcpStream::connect(&served.address).unwrap();
    let head = "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\ncode=";
    half.write_all(head.as_bytes()).unwrap();
    served.get("/healthz", None);
    let told = Command::new("kill")
        .args(["-TERM", &served.child.id().to_string()])
        .status();
    assert!(told.unwrap().success());
    assert!(served.child.wait().unwrap().success());
}

#[test]
fn localhost_leads_here_in_both_forms_and_other_names_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path());
    let port: u16 = served.address.rsplit(':').next().unwrap().parse().unwrap();
    let status = |stream: Option<TcpStream>, host: &str| {
        let mut stream = stream?;
        write!(
            stream,
            "GET /api/v1/portals HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.get(9..12).map(str::to_owned)
    };
    let v4 = || TcpStream::connect(("127.0.0.1", port)).ok();
    assert_eq!(status(v4(), "localhost").as_deref(), Some("200"));
    assert_eq!(status(v4(), "evil.example").as_deref(), Some("421"));
    // A machine without IPv6 has nothing to listen at.
    if std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok() {
        let v6 = TcpStream::connect((Ipv6Addr::LOCALHOST, port)).ok();
        assert_eq!(status(v6, "[::1]").as_deref(), Some("200"));
    }
}
