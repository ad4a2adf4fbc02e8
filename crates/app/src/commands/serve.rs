//! `demo` and `serve`.

use super::{Done, open_or_make, say};
use crate::clock::Clock;
use crate::config::{Demo, Place, Serve};
use crate::school::founding;
use crate::{App, checkpoints, demo as demo_school, routes, vault};
use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpListener;

pub async fn demo(demo: Demo) -> Done {
    let clock = demo.today.map_or_else(Clock::system, Clock::playing);
    let place = Place {
        data: demo.data.clone(),
        database_url: None,
        key_file: Some(demo.data.join("demo.key")),
        checkpoints: None,
        is_local: true,
    };
    // Who cannot be reached tells nobody how to get in.
    let door = match demo.init_only {
        true => None,
        false => Some(door(demo.listen).await?),
    };
    clear(&demo.data)?;
    let held = hold(&demo.data)?;
    let app = open_or_make(&place, clock, true).await?;
    let password = demo.password.unwrap_or_else(vault::spoken_text);
    demo_school::build(&app, &password)
        .await
        .map_err(|failure| super::sentence(&failure))?;
    let Some(door) = door else {
        app.db.close().await;
        drop(held);
        return Ok(());
    };
    say("示例学校：青石小学，24个编出来的孩子。每次启动都是新的。");
    for (username, role) in demo_school::ACCOUNTS {
        say(&format!("  {username:<10} {role}"));
    }
    say(&format!("  密码都是   {password}"));
    listen(app, door).await
}

/// Says that a server runs here, for as long as the file is open: no second one writes into the
/// folder, and nobody takes it away below it.
fn hold(folder: &Path) -> Result<File, String> {
    std::fs::create_dir_all(folder)
        .map_err(|error| format!("数据文件夹建不了：{}", super::system(&error)))?;
    let file = File::create(folder.join("running.lock"))
        .map_err(|error| format!("数据文件夹写不进去：{}", super::system(&error)))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(format!(
            "文件夹{}里的暖巢正开着，没有动它。先在那个窗口按Ctrl+C停下，或者用--data换一个文件夹。",
            folder.display()
        )),
        // Some network folders know no locks; there nothing is held.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

/// Only what a demo made before is taken away; any other folder is left alone.
fn clear(folder: &Path) -> Done {
    if !folder.exists() {
        return Ok(());
    }
    let mine = folder.join("demo.key").exists();
    if mine {
        drop(hold(folder)?);
    }
    let empty = std::fs::read_dir(folder).is_ok_and(|mut files| files.next().is_none());
    if !mine && !empty {
        return Err(format!(
            "文件夹{}里有别的东西，示例不会动它。请用--data换一个空文件夹。",
            folder.display()
        ));
    }
    std::fs::remove_dir_all(folder)
        .map_err(|error| format!("旧的示例删不掉：{}", super::system(&error)))
}

pub async fn serve(serve: Serve) -> Done {
    let held = match &serve.place.database_url() {
        Some(_) => None,
        None => Some(hold(&serve.place.data)?),
    };
    let app = open_or_make(&serve.place, Clock::system(), false).await?;
    app.db
        .check_durable()
        .await
        .map_err(|fault| fault.to_string())?;
    let app = with_https(app, serve.https);
    let served = match door(serve.listen).await {
        Ok(door) => listen(app, door).await,
        Err(said) => Err(said),
    };
    drop(held);
    served
}

fn with_https(app: App, https: bool) -> App {
    App::new(crate::House {
        db: app.db.clone(),
        vault: app.vault.clone(),
        clock: app.clock,
        checkpoints: app.checkpoints.clone(),
        memory: crate::memory::Memory::default(),
        is_demo: app.is_demo,
        https,
        setup_code: app.setup_code.clone(),
        sheet_reader: app.sheet_reader.clone(),
    })
}

/// Where to go; on the first day, to the page that founds the school.
async fn invite(app: &App, address: SocketAddr) {
    let is_new = match app.db.read().await {
        Ok(mut conn) => founding::is_empty(&mut conn).await.unwrap_or(false),
        Err(_) => false,
    };
    if is_new {
        say("还没有学校。第一次使用，请打开下面的地址，填一页就好：");
        say(&format!(
            "打开 http://{address}/setup?code={}",
            app.setup_code
        ));
    } else {
        say(&format!("打开 http://{address}/"));
    }
}

async fn door(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| {
        format!(
            "{address}用不了：{}。可以用--listen换一个端口。",
            super::system(&error)
        )
    })
}

async fn listen(app: App, listener: TcpListener) -> Done {
    let address = listener
        .local_addr()
        .map_err(|error| format!("端口读不出来：{}", super::system(&error)))?;
    invite(&app, address).await;
    let keeping = tokio::spawn(checkpoints::keep(app.clone()));
    let house = app.clone();
    let served = axum::serve(listener, routes::router(app))
        .with_graceful_shutdown(stop())
        .await;
    keeping.abort();
    leave(&house).await;
    served.map_err(|error| format!("服务停了：{}", super::system(&error)))
}

/// The last checkpoint, and the database closed.
async fn leave(app: &App) {
    checkpoints::leave(app).await;
    let closed = tokio::time::timeout(Duration::from_secs(5), app.db.close()).await;
    if closed.is_err() {
        tracing::warn!("closing the database took too long");
    }
}

async fn stop() {
    let interrupt = tokio::signal::ctrl_c();
    let mut terminate =
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(signal) => signal,
            Err(_) => {
                let _ = interrupt.await;
                return;
            }
        };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{clear, hold};

    #[test]
    fn the_folder_of_a_running_demo_is_left_alone() {
        let name = format!("nuanchao-test-{}", crate::testing::operation());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("demo.key"), "").unwrap();
        std::fs::write(folder.join("nuanchao.db"), "").unwrap();
        let held = hold(&folder).unwrap();
        assert!(clear(&folder).unwrap_err().contains("正开着"));
        assert!(folder.join("nuanchao.db").exists());
        drop(held);
        clear(&folder).unwrap();
        assert!(!folder.exists());
    }
}
