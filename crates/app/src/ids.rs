//! Ids: UUIDv7 text, made by us or by the client, each kind its own type.

macro_rules! ids {
    ($($name:ident)*) => {$(
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        pub struct $name(String);

        impl $name {
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7().to_string())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let id = uuid::Uuid::try_parse(text).map_err(|_| NotAnId)?;
                Ok(Self(id.to_string()))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        /// From our own tables, which hold nothing else.
        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }
    )*};
}

/// A client may name its operations as it likes, up to so many letters.
pub const LONGEST_KEY: usize = 255;

impl OperationId {
    /// A UUID as it is; any other visible text as the id that always follows from it.
    pub fn from_key(text: &str) -> Result<Self, NotAnId> {
        if let Ok(id) = text.parse() {
            return Ok(id);
        }
        let fits = (1..=LONGEST_KEY).contains(&text.len())
            && text.chars().all(|one| one.is_ascii_graphic());
        if !fits {
            return Err(NotAnId);
        }
        let mut bytes = [0; 16];
        blake3::Hasher::new_derive_key("nuanchao operation key")
            .update(text.as_bytes())
            .finalize_xof()
            .fill(&mut bytes);
        Ok(Self(
            uuid::Builder::from_custom_bytes(bytes)
                .into_uuid()
                .to_string(),
        ))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnId;

ids! { SchoolId StaffId ChildId ClassId KinId RecordId ImportId OperationId }
