//! What is kept can be put back, on either engine, and is held against everything before it stands.

use crate::backup;
use crate::commands;
use crate::config::Place;
use crate::db;
use crate::on_both;
use crate::testing::{School, empty_postgres};
use std::path::Path;

const PASSPHRASE: &str = "lao-huai-shu-xia-jian";

fn place(folder: &Path, database_url: Option<String>) -> Place {
    Place {
        data: folder.join("data"),
        database_url,
        key_file: Some(folder.join("key")),
        checkpoints: Some(folder.join("checkpoints")),
        is_local: false,
    }
}

/// Every table of the school, row by row, as far as a test has to see it.
async fn told(place: &Place) -> (usize, Vec<String>, Vec<(String, i64)>) {
    let app = commands::open(place).await.unwrap();
    let (children, faults) = commands::data_faults(&app).await.unwrap();
    let mut conn = app.db.read().await.unwrap();
    let counted: Vec<(String, i64)> = db::query_as(
        "select 'record', count(*) from record union all select 'kin', count(*) from kin
         union all select 'staff', count(*) from staff union all select 'class', count(*) from class
         union all select 'adoption', count(*) from adoption order by 1",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    drop(conn);
    app.db.close().await;
    (children, faults, counted)
}

#[expect(clippy::cognitive_complexity, reason = "one story of one backup")]
async fn a_backup_is_put_back_on_either_engine(school: School) {
    let folder = school.folder().to_owned();
    let own = Place {
        data: folder.clone(),
        ..place(&folder, None)
    };
    let file = folder.join("whole.bak");
    backup::make(&school.app, &own, &file, PASSPHRASE)
        .await
        .unwrap();
    let mut sealed = std::fs::read(&file).unwrap();
    assert!(!sealed.windows(6).any(|some| some == b"SQLite"));

    let home = place(&folder.join("home"), None);
    let children = backup::restore_proved(&file, &home, PASSPHRASE)
        .await
        .unwrap();
    let (found, faults, counted) = told(&home).await;
    assert_eq!((found, faults), (children, Vec::new()));
    assert!(counted.iter().all(|(_, rows)| *rows > 0), "{counted:?}");

    let server = place(&folder.join("server"), Some(empty_postgres().await));
    std::fs::create_dir_all(&server.data).unwrap();
    backup::restore_proved(&file, &server, PASSPHRASE)
        .await
        .unwrap();
    assert_eq!(told(&server).await, (children, Vec::new(), counted));

    // Neither covers what is there, and nothing comes of a wrong word or a broken file.
    for taken in [&home, &server] {
        let again = backup::restore_proved(&file, taken, PASSPHRASE).await;
        assert!(again.unwrap_err().contains("恢复不会盖掉它"));
    }
    let apart = Place {
        key_file: Some(folder.join("other.key")),
        ..server.clone()
    };
    let again = backup::restore_proved(&file, &apart, PASSPHRASE).await;
    assert!(again.unwrap_err().contains("已经有数据"));
    let empty = place(&folder.join("empty"), None);
    std::fs::create_dir_all(&empty.data).unwrap();
    let wrong = backup::restore_proved(&file, &empty, "another").await;
    assert!(wrong.unwrap_err().contains("口令不对"));
    let last = sealed.len() - 40;
    sealed[last] ^= 1;
    std::fs::write(&file, &sealed).unwrap();
    let broken = backup::restore_proved(&file, &empty, PASSPHRASE).await;
    assert!(broken.unwrap_err().contains("备份坏了"));
    assert!(!empty.database_file().exists() && !empty.key_path().exists());
}

on_both! {
    a_backup_is_put_back_on_either_engine
}
