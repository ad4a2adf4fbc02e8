//! One writer on SQLite, and whoever waits for it is committed together.
//!
//! Forcing a change to the disk costs far more than the change. So a finished turn does not commit
//! by itself: it hands the writer to those who already wait, and one commit serves them all. Nobody
//! is told "saved" before that commit has returned.

use super::{Conn, Error, Result};
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

/// Told to a turn once its change is on the disk, or that it is not.
type Told = oneshot::Sender<Result<(), String>>;

/// The line in front of the writer; the mutex serves in the order of arrival.
#[derive(Clone)]
pub struct Line(Arc<Mutex<Writer>>);

struct Writer {
    /// Gone after closing.
    conn: Option<Conn>,
    open: bool,
    /// The last turn was given up: what it did is taken back before anything else happens.
    given_up: Option<Place>,
    waiting: Vec<Told>,
}

/// Where a turn stands in its transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    First,
    /// Behind others, whose changes must survive if this one is given up.
    Behind,
}

/// The writer, for the time of one change.
pub struct Turn {
    writer: OwnedMutexGuard<Writer>,
    line: Line,
    place: Place,
    finished: bool,
}

impl Line {
    pub fn new(conn: Conn) -> Self {
        Self(Arc::new(Mutex::new(Writer {
            conn: Some(conn),
            open: false,
            given_up: None,
            waiting: Vec::new(),
        })))
    }

    /// Waits for the writer. `alone`: those who came before are answered first, because this turn
    /// will take long.
    pub async fn turn(&self, alone: bool) -> Result<Turn> {
        // A request may be cut off at any time; what the writer is told must not be half-told.
        let line = self.clone();
        unbroken(async move { line.begin(alone).await }).await
    }

    async fn begin(&self, alone: bool) -> Result<Turn> {
        let mut writer = Arc::clone(&self.0).lock_owned().await;
        writer.take_back().await;
        if alone {
            writer.commit().await;
        }
        let place = if writer.open {
            writer.run("savepoint turn").await?;
            Place::Behind
        } else {
            // A plain `begin` that reads first and writes later fails under load.
            writer.aside("begin immediate".to_owned()).await?;
            writer.open = true;
            Place::First
        };
        Ok(Turn {
            writer,
            line: self.clone(),
            place,
            finished: false,
        })
    }

    /// Runs one statement outside any transaction.
    pub async fn apart(&self, sql: String) -> Result<()> {
        let line = self.clone();
        unbroken(async move {
            let mut writer = line.0.lock().await;
            writer.take_back().await;
            writer.commit().await;
            writer.aside(sql).await
        })
        .await
    }

    /// Commits what is finished and lets the file go.
    pub async fn close(&self) {
        let line = self.clone();
        let _ = unbroken(async move {
            let mut writer = line.0.lock().await;
            writer.take_back().await;
            writer.commit().await;
            writer.conn = None;
            Ok(())
        })
        .await;
    }

    /// Whoever finished, or gave up, sends this to the end of the line: those who stand before it
    /// join the same commit. It is a task of its own, because a request may be cut off at any time.
    fn commit_soon(&self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let line = self.clone();
        runtime.spawn(async move {
            let mut writer = line.0.lock().await;
            writer.take_back().await;
            writer.commit().await;
        });
    }
}

/// Goes on to its end even when nobody waits for it any more.
async fn unbroken<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(error) => Err(Error::Lost(error.to_string())),
    }
}

impl Writer {
    async fn run(&mut self, sql: &'static str) -> Result<()> {
        self.conn.as_mut().ok_or(Error::Closed)?.run(sql).await
    }

    /// On a thread where waiting for the disk, or for another process, holds nobody up.
    async fn aside(&mut self, sql: String) -> Result<()> {
        let conn = self.conn.take().ok_or(Error::Closed)?;
        let work = move || {
            let done = match &conn {
                Conn::Sqlite(conn) => conn.run(&sql),
                Conn::Postgres(_) => Err(Error::Closed),
            };
            (conn, done)
        };
        let worked = tokio::task::spawn_blocking(work).await;
        let (conn, done) = worked.map_err(|error| Error::Lost(error.to_string()))?;
        self.conn = Some(conn);
        done
    }

    async fn take_back(&mut self) {
        let done = match self.given_up.take() {
            None => return,
            Some(Place::First) => {
                self.open = false;
                self.run("rollback").await
            }
            Some(Place::Behind) => self.run("rollback to turn; release turn").await,
        };
        if let Err(error) = done {
            // The engine has given up the whole transaction (a full disk does that), and with it
            // the changes of those who wait for its commit.
            self.fail(&error).await;
        }
    }

    async fn commit(&mut self) {
        if !self.open {
            return;
        }
        if self.waiting.is_empty() {
            self.open = false;
            let _ = self.run("rollback").await;
            return;
        }
        match self.aside("commit".to_owned()).await {
            Ok(()) => {
                self.open = false;
                for told in self.waiting.drain(..) {
                    let _ = told.send(Ok(()));
                }
            }
            Err(error) => self.fail(&error).await,
        }
    }

    async fn fail(&mut self, error: &Error) {
        self.open = false;
        let _ = self.run("rollback").await;
        for told in self.waiting.drain(..) {
            let _ = told.send(Err(error.to_string()));
        }
    }
}

impl Turn {
    /// Returns when the change is on the disk.
    pub async fn commit(self) -> Result<()> {
        let answer = unbroken(self.finish()).await?;
        match answer.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(sentence)) => Err(Error::Lost(sentence)),
            Err(gone) => Err(Error::Lost(gone.to_string())),
        }
    }

    async fn finish(mut self) -> Result<oneshot::Receiver<Result<(), String>>> {
        if self.place == Place::Behind {
            self.writer.run("release turn").await?;
        }
        let (told, answer) = oneshot::channel();
        self.writer.waiting.push(told);
        self.finished = true;
        Ok(answer)
    }

    pub fn conn(&self) -> &Conn {
        self.writer.conn.as_ref().expect(OPEN)
    }

    pub fn conn_mut(&mut self) -> &mut Conn {
        self.writer.conn.as_mut().expect(OPEN)
    }
}

/// `Line::turn` began a transaction on it, and closing needs the line that this turn holds.
const OPEN: &str = "a turn holds an open connection";

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.finished {
            self.writer.given_up = Some(self.place);
        }
        self.line.commit_soon();
    }
}
