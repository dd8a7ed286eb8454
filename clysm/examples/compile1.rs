//! Compiles a module.
fn main() {
    let engine = clysm_host::Engine::new(clysm_host::EngineOptions { parallel: false, ..Default::default() }).unwrap();
    let bytes = std::fs::read(std::env::args().nth(1).unwrap()).unwrap();
    let t = std::time::Instant::now();
    let r = engine.compile(&bytes).map(|_| ());
    println!("{r:?} {:?}", t.elapsed());
}
