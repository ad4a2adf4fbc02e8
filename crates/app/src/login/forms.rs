//! What a person types to sign in.

use crate::web::Fields;

pub struct SignIn {
    pub username: String,
    pub password: String,
    pub shared: bool,
    pub back: String,
}

impl SignIn {
    pub fn read(fields: &Fields) -> Self {
        Self {
            username: fields.get("username").to_lowercase(),
            password: fields.get("password").to_owned(),
            shared: fields.has("shared", "1"),
            back: fields
                .opt("back")
                .map_or("/", crate::web::words::own_path)
                .to_owned(),
        }
    }
}
