# What a person types.

# the demo school
demo:
    cargo run --release -- demo

# all tests
test:
    scripts/test

# what CI runs
ready:
    bash .ci/run

# format and lints
look:
    cargo fmt --check
    cargo clippy --workspace --all-targets -- -D warnings

# bytes at the parsers, ten minutes each
fuzz:
    scripts/fuzz 600

# check the shipped packs
packs:
    cargo run -- pack check packs/*.toml

# measure beside the floor
bench:
    node bench/run.mjs
