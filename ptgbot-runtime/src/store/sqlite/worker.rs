//! Where SQLite's calls run: they block, and a bot must not.

use super::file::File;
use ptgbot_core::Blocking;
use std::io;
use std::sync::mpsc;
use std::thread;
use tokio::sync::oneshot;

/// Does one job after the other on the file.
pub(super) enum Worker {
    /// In the task that asks.
    Inline(Box<File>),
    /// In the one thread of this process that touches the file.
    Thread(Thread),
}

/// A thread that does jobs. It ends by itself once this is dropped and the jobs that were given to it are done: nobody
/// waits for it, as a drop may be in a task that others wait for.
pub(super) struct Thread {
    jobs: mpsc::Sender<Job>,
}

type Job = Box<dyn FnOnce(&mut File) + Send>;

impl Worker {
    /// Puts the file where its work is to be done.
    pub(super) fn start(file: File, blocking: Blocking) -> io::Result<Self> {
        Ok(match blocking {
            Blocking::Inline => Self::Inline(Box::new(file)),
            Blocking::Thread => Self::Thread(Thread::start(file)?),
        })
    }

    /// Does a job and gives its result; `None` when the thread is gone. Dropping the future does not stop the job.
    pub(super) async fn run<T: Send + 'static>(
        &mut self,
        job: impl FnOnce(&mut File) -> T + Send + 'static,
    ) -> Option<T> {
        match self {
            Self::Inline(file) => Some(job(file)),
            Self::Thread(thread) => thread.run(job).await,
        }
    }
}

impl Thread {
    fn start(mut file: File) -> io::Result<Self> {
        let (jobs, waiting) = mpsc::channel::<Job>();
        let work = move || {
            for job in waiting {
                job(&mut file);
            }
        };
        thread::Builder::new().name("journal".into()).spawn(work)?;
        Ok(Self { jobs })
    }

    async fn run<T: Send + 'static>(&mut self, job: impl FnOnce(&mut File) -> T + Send + 'static) -> Option<T> {
        let (done, result) = oneshot::channel();
        let job = move |file: &mut File| {
            done.send(job(file)).ok();
        };
        self.jobs.send(Box::new(job)).ok()?;
        result.await.ok()
    }
}
