//! The reference backend as a process of its own, so that its CPU and memory are its own too.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context;

use crate::terminal::say;

/// The backend as a child process, ended when dropped.
pub(crate) struct BackendProcess {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl BackendProcess {
    /// Starts it on `port` of loopback, or on a free port if that one is in use, which is said.
    ///
    /// # Errors
    ///
    /// When it cannot be started or does not say where it listens.
    pub(crate) fn start(profile: &str, port: u16, work: &Path) -> anyhow::Result<Self> {
        let wanted = SocketAddr::from(([127, 0, 0, 1], port));
        let in_use = std::net::TcpListener::bind(wanted).is_err();
        let listen = if in_use {
            SocketAddr::from(([127, 0, 0, 1], 0))
        } else {
            wanted
        };
        let program = std::env::current_exe().context("find this program")?;
        let database = work.join(format!("{profile}.sqlite"));
        let mut child = Command::new(program)
            .args(["backend", "--until-stdin-closes", "--profile", profile])
            .arg("--listen")
            .arg(listen.to_string())
            .arg("--database")
            .arg(format!("sqlite:{}", database.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A group of its own: Ctrl-C ends the test first, and the test ends the backend.
            .process_group(0)
            .spawn()
            .context("start the backend")?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("read the backend's output")?;
        BufReader::new(stdout)
            .read_line(&mut line)
            .context("read the backend's output")?;
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split('/').next())
            .and_then(|address| address.parse().ok());
        let Some(address) = address else {
            let _ = child.kill();
            let _ = child.wait();
            anyhow::bail!("the backend did not start: {}", line.trim());
        };
        if in_use {
            say(&format!(
                "port {port} is in use; the backend takes {address} instead"
            ));
        }
        Ok(Self { child, address })
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for BackendProcess {
    fn drop(&mut self) {
        // Closing its standard input tells it to end; it answers what is in flight within a second.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
