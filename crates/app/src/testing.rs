//! The cast, the fixed day, the test client.
