//! Names of files: the same on every system, and different for different files.

use std::{
    fmt::Write as _,
    path::{Component, Path},
};

/// Returns a path relative to a folder, with `/` between its parts.
///
/// A backslash in a name is doubled and a byte that is no text is written `\xFF`, so that no two
/// files share a name.
pub(crate) fn relative(path: &Path, base: &Path) -> String {
    let path = path.strip_prefix(base).unwrap_or(path);
    let mut name = String::new();
    for part in path.components() {
        match part {
            Component::RootDir => name.push('/'),
            Component::Prefix(_)
            | Component::Normal(_)
            | Component::CurDir
            | Component::ParentDir => {
                if !name.is_empty() && !name.ends_with('/') {
                    name.push('/');
                }
                escape(part.as_os_str().as_encoded_bytes(), &mut name);
            }
        }
    }
    name
}

fn escape(bytes: &[u8], name: &mut String) {
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            if char == '\\' {
                name.push('\\');
            }
            name.push(char);
        }
        for byte in chunk.invalid() {
            let _ = write!(name, "\\x{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_relative_and_unlike() {
        let relative = |path: &str| relative(Path::new(path), Path::new("/base"));
        assert_eq!(relative("/base/a/b.yaml"), "a/b.yaml");
        assert_eq!(relative("/other/b.yaml"), "/other/b.yaml");
        assert_eq!(relative("/base/a\\xFF"), "a\\\\xFF");
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_stay_visible() {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
        let path = Path::new(OsStr::from_bytes(b"/base/a\xFF.yaml"));
        assert_eq!(relative(path, Path::new("/base")), "a\\xFF.yaml");
    }
}
