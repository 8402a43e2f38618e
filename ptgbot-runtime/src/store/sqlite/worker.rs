//! The one thread of this process that touches the file: SQLite calls block, and the bot must not.

use super::file::File;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use tokio::sync::oneshot;

/// A thread that does one job after the other. Dropping it waits for the jobs that were given to it.
pub(super) struct Worker {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

type Job = Box<dyn FnOnce(&mut File) + Send>;

impl Worker {
    /// Starts the thread; `open` is its first job.
    pub(super) async fn start<T, E>(
        open: impl FnOnce() -> Result<(File, T), E> + Send + 'static,
    ) -> std::io::Result<Option<Result<(Self, T), E>>>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        let (jobs, waiting) = mpsc::channel::<Job>();
        let (opened, outcome) = oneshot::channel();
        let work = move || {
            let (mut file, found) = match open() {
                Ok(opened) => opened,
                Err(error) => {
                    opened.send(Err(error)).ok();
                    return;
                }
            };
            opened.send(Ok(found)).ok();
            for job in waiting {
                job(&mut file);
            }
        };
        let thread = thread::Builder::new().name("journal".into()).spawn(work)?;
        let worker = Self { jobs: Some(jobs), thread: Some(thread) };
        Ok(outcome.await.ok().map(|outcome| outcome.map(|found| (worker, found))))
    }

    /// Does a job and gives its result; `None` when the thread is gone. Dropping the future does not stop the job.
    pub(super) async fn run<T: Send + 'static>(&self, job: impl FnOnce(&mut File) -> T + Send + 'static) -> Option<T> {
        let (done, result) = oneshot::channel();
        let job = move |file: &mut File| {
            done.send(job(file)).ok();
        };
        self.jobs.as_ref()?.send(Box::new(job)).ok()?;
        result.await.ok()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}
