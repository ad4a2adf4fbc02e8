//! One writer on SQLite, and whoever waits for it is committed together.
//!
//! Forcing a change to the disk costs far more than the change. So a finished turn does not commit
//! by itself: it hands the writer to those who already wait, and one commit serves them all. Nobody
//! is told "saved" before that commit has returned.

use super::sqlite::Sqlite;
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
    /// Somebody already stands in the line to commit for all before it.
    commit_stands: bool,
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
            commit_stands: false,
        })))
    }

    /// Waits for the writer. `alone`: those who came before are answered first, because this turn
    /// will take long.
    pub async fn turn(&self, alone: bool) -> Result<Turn> {
        let mut writer = Arc::clone(&self.0).lock_owned().await;
        writer.take_back();
        if writer.open && !alone {
            writer.sqlite()?.step("savepoint turn")?;
            return Ok(self.given(writer, Place::Behind));
        }
        if !writer.open && writer.begin_at_once()? {
            return Ok(self.given(writer, Place::First));
        }
        let line = self.clone();
        unbroken(async move {
            writer.commit().await;
            // A plain `begin` that reads first and writes later fails under load.
            writer.aside("begin immediate".to_owned()).await?;
            writer.open = true;
            Ok(line.given(writer, Place::First))
        })
        .await
    }

    fn given(&self, writer: OwnedMutexGuard<Writer>, place: Place) -> Turn {
        Turn {
            writer,
            line: self.clone(),
            place,
            finished: false,
        }
    }

    /// Runs one statement outside any transaction.
    pub async fn apart(&self, sql: String) -> Result<()> {
        let line = self.clone();
        unbroken(async move {
            let mut writer = line.0.lock().await;
            writer.take_back();
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
            writer.take_back();
            writer.commit().await;
            writer.conn = None;
            Ok(())
        })
        .await;
    }

    /// Whoever finished, or gave up, sends this to the end of the line: those who stand before it
    /// join the same commit. It is a task of its own, because a request may be cut off at any time.
    fn commit_soon(&self, writer: &mut Writer) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        if std::mem::replace(&mut writer.commit_stands, true) {
            return;
        }
        let line = self.clone();
        runtime.spawn(async move {
            let mut writer = line.0.lock().await;
            writer.commit_stands = false;
            writer.take_back();
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
    fn sqlite(&self) -> Result<&Sqlite> {
        match &self.conn {
            Some(Conn::Sqlite(conn)) => Ok(conn),
            _ => Err(Error::Closed),
        }
    }

    fn run(&self, sql: &'static str) -> Result<()> {
        self.sqlite()?.run(sql)
    }

    /// Begins if no other process is writing; to wait for that one is for a thread aside.
    fn begin_at_once(&mut self) -> Result<bool> {
        self.open = self.sqlite()?.begins_at_once()?;
        Ok(self.open)
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

    fn take_back(&mut self) {
        let done = match self.given_up.take() {
            None => return,
            Some(Place::First) => {
                self.open = false;
                self.run("rollback")
            }
            Some(Place::Behind) => self.run("rollback to turn; release turn"),
        };
        if let Err(error) = done {
            // The engine has given up the whole transaction (a full disk does that), and with it
            // the changes of those who wait for its commit.
            self.fail(&error);
        }
    }

    async fn commit(&mut self) {
        if !self.open {
            return;
        }
        if self.waiting.is_empty() {
            self.open = false;
            let _ = self.run("rollback");
            return;
        }
        match self.aside("commit".to_owned()).await {
            Ok(()) => {
                self.open = false;
                for told in self.waiting.drain(..) {
                    let _ = told.send(Ok(()));
                }
            }
            Err(error) => self.fail(&error),
        }
    }

    fn fail(&mut self, error: &Error) {
        self.open = false;
        let _ = self.run("rollback");
        for told in self.waiting.drain(..) {
            let _ = told.send(Err(error.to_string()));
        }
    }
}

impl Turn {
    /// Returns when the change is on the disk.
    pub async fn commit(self) -> Result<()> {
        let answer = self.finish()?;
        match answer.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(sentence)) => Err(Error::Lost(sentence)),
            Err(gone) => Err(Error::Lost(gone.to_string())),
        }
    }

    fn finish(mut self) -> Result<oneshot::Receiver<Result<(), String>>> {
        if self.place == Place::Behind {
            self.writer.sqlite()?.step("release turn")?;
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
        self.line.commit_soon(&mut self.writer);
    }
}
