//! A service as a process: its command line, its port, its signals and its exit codes, as `service.md` has them.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use axum::routing::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use super::serve;
use crate::plant::{Plant, UnknownPlant};
use crate::surface::Surface;

/// The caller is at fault: a bad command line or an unknown plant.
const CALLER_AT_FAULT: u8 = 2;

/// The port cannot be had.
const NO_PORT: u8 = 3;

/// What is kept on disk cannot be used.
const BAD_DATA: u8 = 4;

/// So long a request that has begun may take after the signal to end. Idle connections end at once.
const GRACE: Duration = Duration::from_millis(500);

/// A service's program.
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// Its command line.
    pub usage: &'static str,
    /// Its options beside `--port`, and what each one takes.
    pub options: &'static [(&'static str, &'static str)],
    /// Looks at these options: a sentence where one is missing or says nothing.
    pub check: fn(&Arguments) -> Result<(), String>,
    /// The surfaces whose plants it can be started with.
    pub surfaces: &'static [Surface],
    /// Makes what answers. The port is there already, so nobody else works on the same things.
    pub start: fn(&Arguments, Option<&'static Plant>) -> Result<Served, Stop>,
}

/// What a program serves.
pub struct Served {
    /// What answers.
    pub router: Router,
    /// What is to be done once nothing is answered any more.
    pub end: Box<dyn FnOnce()>,
}

/// The options of a command line, each with its value.
pub type Arguments = BTreeMap<&'static str, String>;

/// Why the service did not start, or ended otherwise than by a signal.
#[derive(Debug)]
pub enum Stop {
    /// The command line is not understood.
    CommandLine(String),
    /// The environment names an unknown plant.
    Plant(UnknownPlant),
    /// The port cannot be had.
    Port(u16, io::Error),
    /// What is kept on disk cannot be used: the sentence that names it.
    Data(String),
    /// The service fails.
    Io(io::Error),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine(why) | Self::Data(why) => f.write_str(why),
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
            Self::Data(_) => ExitCode::from(BAD_DATA),
            Self::Io(_) => ExitCode::FAILURE,
        }
    }
}

/// Runs `program` with these arguments until a signal ends it, and returns how to end.
#[must_use]
pub fn run(program: &'static Program, arguments: impl Iterator<Item = String>) -> ExitCode {
    match try_to_run(program, arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            eprintln!("{stop}");
            stop.exit_code()
        }
    }
}

fn try_to_run(program: &'static Program, arguments: impl Iterator<Item = String>) -> Result<(), Stop> {
    let (port, arguments) = program.understand(arguments).map_err(|why| {
        let usage = program.usage;
        Stop::CommandLine(format!("{why}; the command line is: {usage}"))
    })?;
    let plant = Plant::of_environment(program.surfaces).map_err(Stop::Plant)?;
    tell_panics(program.name);
    // One thread for all connections: what takes longer than handing it over goes to a thread of its own.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        // Before the port is open, so that whoever reaches it can already end the service.
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| Stop::Port(port, error))?;
        let served = (program.start)(&arguments, plant)?;
        let (end, ended) = oneshot::channel::<()>();
        tokio::select! {
            served = serve(listener, served.router, async { _ = ended.await }) => served?,
            () = signalled_and_late(&mut terminate, &mut interrupt, end) => {}
        }
        Ok::<_, Stop>(served.end)
    });
    // What is still at work was promised to nobody.
    runtime.shutdown_background();
    served.map(|end| end())
}

impl Program {
    /// The port, and the other options that are there.
    fn understand(&self, mut arguments: impl Iterator<Item = String>) -> Result<(u16, Arguments), String> {
        let mut understood = Arguments::new();
        while let Some(argument) = arguments.next() {
            let mut known = [("--port", "number")].iter().chain(self.options);
            let Some(&(option, what)) = known.find(|(option, _)| *option == argument) else {
                return Err(format!("{argument:?} is not understood"));
            };
            let value = arguments.next().ok_or_else(|| format!("{option} names no {what}"))?;
            if understood.insert(option, value).is_some() {
                return Err(format!("{option} is there twice"));
            }
        }
        let number = understood.remove("--port").ok_or("--port is missing")?;
        let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
        let port = number.parse().ok().filter(|port| is_plain && *port > 0);
        let port = port.ok_or_else(|| format!("{number:?} is not a port from 1 to 65535"))?;
        (self.check)(&understood)?;
        Ok((port, understood))
    }
}

/// A panic becomes one line on standard error, whatever its message. Its request gets no answer.
fn tell_panics(name: &'static str) {
    std::panic::set_hook(Box::new(move |panic| {
        let message = panic.payload_as_str().unwrap_or("of another type than text").replace(['\r', '\n'], " ");
        match panic.location() {
            Some(place) => eprintln!("{name}: panic: {message} at {}:{}", place.file(), place.line()),
            None => eprintln!("{name}: panic: {message}"),
        }
    }));
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
