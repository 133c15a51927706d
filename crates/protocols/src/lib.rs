//! Samplers: HTTP/1.1 with and without TLS.
