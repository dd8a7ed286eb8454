//! Builds the library and says what failed.
#[allow(clippy::all)]
fn main() {
    let engine = clysm_host::Engine::new(clysm_host::EngineOptions::default()).unwrap();
    clysm_host::run_on_big_stack(64 << 20, || {
        let start = std::time::Instant::now();
        match clysm::library::build(&engine, &mut |p| eprintln!("{:?} {}", start.elapsed(), p.item)) {
            Ok(lib) => {
                for e in &lib.errors { eprintln!("{}", clysm_report::render(e, &lib.sources, false)); }
                for (f, n, bad) in &lib.forms { if *bad > 0 { eprintln!("{f}: {bad} of {n} failed"); } }
                eprintln!("{} errors, module {} bytes {:?}", lib.errors.len(), lib.module.bytes.len(), start.elapsed());
                std::fs::write("/tmp/base.wasm", &lib.module.bytes).unwrap();
                let c = engine.compile(&lib.module.bytes).unwrap();
                eprintln!("compiled {:?}", start.elapsed());
                let mut session = clysm_host::Session::new(&engine, clysm_host::Capabilities::new().refuse_at_call(), Default::default()).unwrap();
                let base = session.load(&c).unwrap();
                let r = session.call_start(base);
                eprintln!("start {r:?} {:?} {:?}", session.take_report(), start.elapsed());
            }
            Err(e) => {
                eprintln!("FAILED {e}");
                let frames = match &e { clysm::Error::Lisp(r) => r.frames.clone(), clysm::Error::Host(h) => h.frames().to_vec(), _ => vec![] };
                for f in frames.iter().take(40) { eprintln!("   {:?} +{:?}", f.function, f.function_offset); }
            },
        }
    }).unwrap();
}
