//! Starting a service, and speaking HTTP/1.1 with it byte by byte: no client library would send these requests.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running service, which ends with the test.
pub struct Service {
    pub child: Child,
    pub port: u16,
}

impl Service {
    /// Starts what `command` makes of a free port, and waits until it listens there.
    pub fn start(command: impl Fn(u16) -> Command) -> Self {
        let started = Instant::now();
        loop {
            let port = free_port();
            let child = command(port).spawn().expect("it was built beside this test");
            let mut service = Self { child, port };
            while service.child.try_wait().expect("it can be asked").is_none() {
                if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                    return service;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            // Somebody else was faster with the port.
            assert!(started.elapsed() < PATIENCE, "the service does not start");
        }
    }

    pub fn connect(&self) -> Connection {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("the service listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("it is not zero");
        stream.set_nodelay(true).expect("it is a TCP socket");
        Connection(BufReader::new(stream))
    }

    /// The answer to one request on a connection of its own.
    pub fn ask(&self, request: impl AsRef<[u8]>) -> Answer {
        self.connect().ask(request)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// A port that nobody listens at, and that no other test of this process was given: it may start its service later.
///
/// The system gives none of these away by itself. One that it gave might be given to somebody else too before the
/// service listens there, and then whoever waits for the service would reach that one.
pub fn free_port() -> u16 {
    const FIRST: u32 = 10_000;
    const COUNT: u32 = 20_000;
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    loop {
        // Processes of tests that run at once begin at different ones.
        let number = std::process::id().wrapping_mul(101).wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(FIRST + number % COUNT).expect("it is a port");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

pub struct Connection(BufReader<TcpStream>);

impl Connection {
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.get_mut().write_all(bytes.as_ref()).expect("the service reads");
    }

    pub fn ask(&mut self, request: impl AsRef<[u8]>) -> Answer {
        self.send(request);
        self.answer()
    }

    pub fn answer(&mut self) -> Answer {
        let status_line = self.line();
        let status = status_line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).map(str::parse);
        let status = status.and_then(Result::ok).unwrap_or_else(|| panic!("{status_line:?} is a status line"));
        let mut headers = Vec::new();
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(": ") else { break };
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let mut answer = Answer { status, headers, body: String::new() };
        let length = answer.header("content-length").expect("every answer says its length").parse();
        let mut body = vec![0; length.expect("a length is a number")];
        self.0.read_exact(&mut body).expect("the body comes whole");
        answer.body = String::from_utf8(body).expect("answers are text");
        answer
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("the head is text");
        line.trim_end_matches("\r\n").to_owned()
    }

    /// Whether the service has closed the connection, with nothing more to read from it.
    pub fn is_closed(&mut self) -> bool {
        match self.0.read(&mut [0]) {
            Ok(read) => read == 0,
            Err(error) => error.kind() == ErrorKind::ConnectionReset,
        }
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub fn check(&self, status: u16, body: &str) {
        assert_eq!((self.status, self.body.as_str()), (status, body));
        assert_eq!(self.header("content-type"), Some("application/json"));
    }

    /// Checks for a Schema error.
    #[track_caller]
    pub fn check_refused(&self, status: u16, field: &str, reason: &str) {
        self.check(status, &format!(r#"{{"Schema":{{"field":"{field}","reason":"{reason}"}}}}"#));
    }
}

/// The bytes of a request with `headers`, each of them with its line end, and a body.
pub fn request(line: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("{line} HTTP/1.1\r\nhost: 127.0.0.1\r\n{headers}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}
