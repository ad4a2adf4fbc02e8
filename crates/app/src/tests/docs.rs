//! A map that names files rots unless somebody walks it.

use std::path::Path;

#[test]
fn every_path_in_the_map_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let map = std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let named: Vec<&str> = map
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| {
            let starts = ["crates/", "packs", "calendars/", "tests/", "docs/", "bench"];
            starts.iter().any(|start| word.starts_with(start)) && !word.contains(['*', ':'])
        })
        .collect();
    assert!(named.len() > 20, "{named:?}");
    for path in named {
        assert!(root.join(path).exists(), "{path} is not there");
    }
}
