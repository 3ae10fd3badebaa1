((js, wasm) => {
  const start = async () => {
    const mod = await import(js);
    await mod.default({ module_or_path: wasm });
    mod.hydrate();
    for (const island of document.querySelectorAll("leptos-island")) {
      const run = mod[island.dataset.component];
      if (run) await run(island);
      else console.warn("no island " + island.dataset.component);
    }
  };
  "requestIdleCallback" in window ? requestIdleCallback(start) : setTimeout(start);
})
