//! A child's own row: what it is called, when it was born, its numbers and where it lives.

use super::store::{Child, Identity, identity};
use crate::db::{self, Conn};
use crate::ids::ChildId;
use crate::roster::commit::seal_identity;
use crate::roster::store::{citizen_index, student_index};
use crate::vault::Key;
use crate::web::{Failure, Result, Viewer};
use serde::{Deserialize, Serialize};

/// A child's own row, as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    pub name: String,
    pub sex: String,
    pub born_on: Option<String>,
    pub id_state: String,
    pub identity: Identity,
}

pub async fn own(conn: &mut Conn, viewer: &Viewer, child: &Child, key: &Key) -> Result<Own> {
    let identity = identity(conn, viewer, child, key).await?;
    // The name as it is kept: on a wall the child's own is half hidden.
    let (name, id_state): (String, String) =
        db::query_as("select name, id_state from child where school_id = $1 and id = $2")
            .bind(viewer.school_id.as_str())
            .bind(child.id.as_str())
            .fetch_one(conn)
            .await?;
    Ok(Own {
        name,
        sex: child.sex.clone(),
        born_on: child.born_on.map(|day| day.to_string()),
        id_state,
        identity,
    })
}

/// `with_numbers`: nobody else may have the same ones then.
pub async fn put(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, key): (&ChildId, &Key),
    (own, with_numbers): (&Own, bool),
) -> Result<()> {
    let index = |number: &Option<String>, make: fn(&Key, &str) -> String| {
        let number = number.as_deref().filter(|_| with_numbers);
        number.map(|number| make(&viewer.school_key, number))
    };
    db::query(
        "update child set name = $3, sex = $4, born_on = $5, id_state = $6, identity_sealed = $7,
            citizen_id_index = $8, student_no_index = $9, version = version + 1
         where school_id = $1 and id = $2",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.as_str())
    .bind(&own.name)
    .bind(&own.sex)
    .bind(&own.born_on)
    .bind(&own.id_state)
    .bind(seal_identity(key, child.as_str(), &own.identity)?)
    .bind(index(&own.identity.citizen_id, citizen_index))
    .bind(index(&own.identity.student_no, student_index))
    .execute(conn)
    .await
    .map_err(|error| {
        // Whose it is already is not said: it may be a child of somebody else.
        if db::is_taken(&error) {
            Failure::Asked(TAKEN.to_owned())
        } else {
            error.into()
        }
    })?;
    Ok(())
}

const TAKEN: &str = "这个号码和本校另一个孩子的一样，所以没有改。请对着户口簿看一遍；真是同一个孩子，请档案管理员合并。";
