//! `verify`, `backup`, `restore`, `bench-data`.

use super::{Done, open, say, sentence, sql};
use crate::App;
use crate::children::store as children;
use crate::config::{Backup, BenchData, Place, Restore, backup_passphrase};
use crate::{checkpoints, journal, records};

/// What does not fit, in sentences; empty when all is well.
pub async fn faults(app: &App) -> Result<(usize, Vec<String>), String> {
    let mut conn = app.db.still().await.map_err(sql)?;
    let mut found = journal::verify(&mut conn, &app.vault).await.map_err(sql)?;
    // What it reads must not be older than the file, to which a running server adds.
    let mut later = app.db.read().await.map_err(sql)?;
    let (_, differing) = checkpoints::verify(app, &mut later).await?;
    drop(later);
    found.extend(differing);
    let (children, wrong) = records::summary::verify(&mut conn)
        .await
        .map_err(|failure| sentence(&failure))?;
    if wrong > 0 {
        found.push(format!("有{wrong}个孩子的汇总和记录对不上。"));
    }
    let apart = children::incomplete(&mut conn).await.map_err(sql)?;
    if apart > 0 {
        found.push(format!("有{apart}个孩子没有自己的钥匙，或者没有班。"));
    }
    drop(conn);
    let orphans = app.db.orphans().await.map_err(sql)?;
    if !orphans.is_empty() {
        found.push(format!(
            "有的行指着已经不在的东西：{}。",
            orphans.join("、")
        ));
    }
    if !app.db.is_guarded().await.map_err(sql)? {
        found.push("不许改操作记录的那道闸不见了。".to_owned());
    }
    let broken = app.db.integrity().await.map_err(sql)?;
    if !broken.is_empty() {
        found.push(format!("数据库文件坏了：{}", broken.join("；")));
    }
    Ok((children, found))
}

pub async fn verify(place: &Place) -> Done {
    let app = open(place).await?;
    let (children, found) = faults(&app).await?;
    app.db.close().await;
    if found.is_empty() {
        say(&format!(
            "都对得上：{children}个孩子的资料和汇总，操作记录的链，数据库文件。"
        ));
        return Ok(());
    }
    Err(found.join("\n"))
}

const SHORTEST_PASSPHRASE: usize = 10;

pub async fn backup(backup: Backup) -> Done {
    let app = open(&backup.place).await?;
    let passphrase = backup_passphrase(backup.passphrase)
        .ok_or("请用--passphrase或环境变量NUANCHAO_BACKUP_PASSPHRASE给出备份的口令。")?;
    if passphrase.chars().count() < SHORTEST_PASSPHRASE {
        return Err(format!(
            "备份的口令太短，至少{SHORTEST_PASSPHRASE}个字符：拿到备份的人会一个一个去试。"
        ));
    }
    crate::backup::make(&app, &backup.place, &backup.file, &passphrase).await?;
    say(&format!(
        "备份好了，也恢复过一遍、核对过：{}",
        backup.file.display()
    ));
    Ok(())
}

pub async fn restore(restore: Restore) -> Done {
    std::fs::File::open(&restore.file).map_err(|error| {
        let file = restore.file.display();
        format!("备份{file}打不开：{}", super::system(&error))
    })?;
    let passphrase = backup_passphrase(restore.passphrase)
        .ok_or("请用--passphrase或环境变量NUANCHAO_BACKUP_PASSPHRASE给出备份的口令。")?;
    let children =
        crate::backup::restore_proved(&restore.file, &restore.place, &passphrase).await?;
    say(&format!("恢复好了，{children}个孩子，都对得上。"));
    Ok(())
}

pub async fn bench_data(bench: BenchData) -> Done {
    crate::demo::bench::build(&bench).await
}
