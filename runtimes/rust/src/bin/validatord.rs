//! The service `validatord`: answers `validate` over HTTP on the loopback, as `service.md` has it.

#![forbid(unsafe_code)]

use std::env;
use std::error::Error;
use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use lakehouse::plant::{Plant, UnknownPlant};
use lakehouse::service;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// The caller is at fault: a bad command line or an unknown plant.
const CALLER_AT_FAULT: u8 = 2;

/// The port cannot be had.
const NO_PORT: u8 = 3;

/// So long a request that has begun may take after the signal to end. Idle connections end at once.
const GRACE: Duration = Duration::from_millis(500);

/// Why the service did not start, or ended otherwise than by a signal.
#[derive(Debug)]
enum Stop {
    CommandLine(String),
    Plant(UnknownPlant),
    Port(u16, io::Error),
    Io(io::Error),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine(why) => write!(f, "{why}; the command line is: validatord --port NUMBER"),
            Self::Plant(unknown) => unknown.fmt(f),
            Self::Port(port, error) => write!(f, "cannot listen on 127.0.0.1:{port}: {error}"),
            Self::Io(error) => write!(f, "cannot serve: {error}"),
        }
    }
}

impl Error for Stop {}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Stop {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::CommandLine(_) | Self::Plant(_) => ExitCode::from(CALLER_AT_FAULT),
            Self::Port(..) => ExitCode::from(NO_PORT),
            Self::Io(_) => ExitCode::FAILURE,
        }
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            eprintln!("{stop}");
            stop.exit_code()
        }
    }
}

fn run() -> Result<(), Stop> {
    let arguments = env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned());
    let port = port(arguments).map_err(Stop::CommandLine)?;
    let plant = Plant::of_environment(&service::SURFACES).map_err(Stop::Plant)?;
    // One thread: an answer takes microseconds, less than handing it to another thread, and those who ask run beside.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(port, plant))
}

/// The port of `--port NUMBER`, which is all that the command line can hold.
fn port(mut arguments: impl Iterator<Item = String>) -> Result<u16, String> {
    match arguments.next() {
        Some(flag) if flag == "--port" => {}
        Some(other) => return Err(format!("{other:?} is not understood")),
        None => return Err("--port is missing".to_owned()),
    }
    let number = arguments.next().ok_or("--port names no number")?;
    let port = number.parse().ok().filter(|port| *port > 0);
    let port = port.ok_or_else(|| format!("{number:?} is not a port from 1 to 65535"))?;
    match arguments.next() {
        Some(other) => Err(format!("{other:?} is not understood")),
        None => Ok(port),
    }
}

async fn serve(port: u16, plant: Option<&'static Plant>) -> Result<(), Stop> {
    // Before the port is open, so that whoever reaches it can already end the service.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| Stop::Port(port, error))?;

    let (end, ended) = oneshot::channel::<()>();
    let served = service::serve(listener, plant, async { _ = ended.await });
    tokio::select! {
        served = served => Ok(served?),
        () = signalled_and_late(&mut terminate, &mut interrupt, end) => Ok(()),
    }
}

/// Waits for a signal, passes it on as `end`, and waits until it is time to go whatever is unfinished.
async fn signalled_and_late(terminate: &mut Signal, interrupt: &mut Signal, end: oneshot::Sender<()>) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    _ = end.send(());
    tokio::time::sleep(GRACE).await;
}
