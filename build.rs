//! Packs the debugger plugin into the program, so that `cargo install` yields one file that needs nothing else.
//!
//! The plugin is the Python package of `python/dbg_session` and the extension module, which is this same crate built
//! as a shared library with the feature `python`. The package's files are always embedded (they are small text). The
//! extension module is built here by a cargo of our own, in a target folder under `OUT_DIR`.
//!
//! Why so, and not otherwise:
//! - The library that cargo builds beside the program in the same run cannot be `include_bytes!`ed reliably: cargo
//!   promises neither its place nor its name (a crate from a registry gets a hash), and the feature `python` would
//!   have to be on for the program too, which then could not be linked without libpython.
//! - Cargo's own answer, artifact dependencies, is not stable.
//! - The program cannot be the extension module itself: a position-independent executable cannot be loaded into
//!   another process (glibc refuses it, and its thread-local variables are laid out for a main program).
//!
//! Only release builds with the default feature `self-contained` pay for it: not `cargo test`, `cargo clippy` or
//! `cargo build`. The inner build has the feature `python`, and so have maturin's: both end the recursion here.
//! Where the extension module was built already, `DBG_SESSION_NATIVE` names it, and nothing is built twice (the
//! Makefile does so).

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const PACKAGE: &str = "python/dbg_session";
/// Names an extension module that is to be packed instead of one built here.
const NATIVE: &str = "DBG_SESSION_NATIVE";

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(variable("OUT_DIR")?);

    println!("cargo::rerun-if-env-changed={NATIVE}");
    let native = if !wants_extension_module()? {
        None
    } else if let Some(built) = env::var_os(NATIVE) {
        println!("cargo::rerun-if-changed={}", Path::new(&built).display());
        let copy = out.join("native.so");
        let native = fs::read(&built)
            .map_err(|e| format!("{NATIVE} names {}: {e}", Path::new(&built).display()))?;
        write_if_new(&copy, &native)?;
        Some(copy)
    } else {
        for input in ["src", "Cargo.toml", "Cargo.lock"] {
            println!("cargo::rerun-if-changed={input}");
        }
        Some(build_extension_module(&root, &out)?)
    };
    let payload = payload(&root.join(PACKAGE), native.as_deref())?;
    write_if_new(&out.join("payload.rs"), payload.as_bytes())?;
    Ok(())
}

/// Release builds for a system whose debuggers can load a shared library.
fn wants_extension_module() -> Result<bool> {
    let asked = env::var_os("CARGO_FEATURE_SELF_CONTAINED").is_some()
        && env::var_os("CARGO_FEATURE_PYTHON").is_none();
    let loadable = variable("CARGO_CFG_TARGET_FAMILY")? == "unix"
        && variable("CARGO_CFG_TARGET_ENV")? != "musl";
    Ok(asked && loadable && variable("PROFILE")? == "release")
}

/// Touches no file that says the same already: what was compiled with it stays valid.
fn write_if_new(path: &Path, new: &[u8]) -> Result<()> {
    if fs::read(path).ok().as_deref() != Some(new) {
        fs::write(path, new)?;
    }
    Ok(())
}

/// Builds this crate as an extension module and returns the shared library.
fn build_extension_module(root: &Path, out: &Path) -> Result<PathBuf> {
    let target = variable("TARGET")?;
    // A target folder of its own: the outer cargo holds the lock of the other one while we run.
    let folder = out.join("plugin");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    cargo
        .args(["rustc", "--release", "--lib", "--crate-type=cdylib"])
        .args(["--no-default-features", "--features=python", "--quiet"])
        .args(["--target", &target])
        .arg("--target-dir")
        .arg(&folder)
        .current_dir(root);
    // The versions that were tested; a folder of a registry's sources is not to be written to either.
    if root.join("Cargo.lock").exists() {
        cargo.arg("--locked");
    }
    // Symbols of Python are left open, to be found in the debugger: no Python is needed to build this.
    cargo
        .env("PYO3_BUILD_EXTENSION_MODULE", "1")
        .env("PYO3_NO_PYTHON", "1")
        .env("CARGO_BUILD_BUILD_DIR", &folder)
        .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
        .env_remove("PYO3_PYTHON")
        .env_remove("RUSTC_WORKSPACE_WRAPPER");
    // What cargo tells a build script of the outer build is not meant for the inner one.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_FEATURE_") || text.starts_with("CARGO_CFG_") {
            cargo.env_remove(&name);
        }
    }

    let status = cargo.status()?;
    if !status.success() {
        return Err(format!(
            "the plugin for the debuggers could not be built ({status}; cargo's own words are above). To build the \
             program without it: --no-default-features"
        )
        .into());
    }
    let folder = folder.join(target).join("release");
    ["libdbg_session.so", "libdbg_session.dylib"]
        .iter()
        .map(|name| folder.join(name))
        .find(|library| library.exists())
        .ok_or_else(|| format!("the built extension module is not in {}", folder.display()).into())
}

/// Rust source with the content of every file of the plugin.
fn payload(package: &Path, native: Option<&Path>) -> Result<String> {
    let mut files = Vec::new();
    collect(package, Path::new(""), &mut files)?;
    files.sort();
    let mut source = String::from("static PACKAGE: &[(&str, &[u8])] = &[\n");
    for (name, path) in files {
        // Not the folder: it changes whenever a debugger compiles its Python.
        println!("cargo::rerun-if-changed={}", path.display());
        writeln!(source, "    ({name:?}, include_bytes!({path:?})),")?;
    }
    source.push_str("];\n");
    let native = native.map_or("None".into(), |path| {
        format!("Some(include_bytes!({path:?}))")
    });
    writeln!(source, "static NATIVE: Option<&[u8]> = {native};")?;
    Ok(source)
}

/// All files of the package but compiled ones, as (name inside the package, path).
fn collect(folder: &Path, prefix: &Path, files: &mut Vec<(PathBuf, PathBuf)>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else {
            continue;
        };
        let inside = prefix.join(name);
        if path.is_dir() {
            if name != "__pycache__" {
                collect(&path, &inside, files)?;
            }
        } else if path
            .extension()
            .is_some_and(|kind| kind == "py" || kind == "pyi" || kind == "typed")
        {
            files.push((inside, path));
        }
    }
    Ok(())
}

fn variable(name: &str) -> Result<String> {
    env::var(name).map_err(|_| format!("cargo did not set {name}").into())
}
