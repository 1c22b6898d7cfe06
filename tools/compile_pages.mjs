// node compile_pages.mjs SITE KERNEL TARGETS: runs compile_pages.py in a site's own Pyodide, whose bytecode it is.
// TARGETS is JSON: by a package's path in the site, the path of its copy with bytecode; the standard library is the last.
import { readFileSync } from "node:fs";

const [site, kernel, targets] = process.argv.slice(2);
const { loadPyodide } = await import(`${site}/static/pyodide/pyodide.mjs`);
const packages = Object.keys(JSON.parse(targets)).slice(0, -1);
const python = await loadPyodide({
  indexURL: `${site}/static/pyodide/`,
  packages: packages.map((path) => `${site}/${path}`),
  env: { HOME: "/home/pyodide", MPLBACKEND: "agg", COURSE_PROGRESS: "memory" },
  stderr: () => {}, // matplotlib tells of its font cache
});
python.FS.writeFile("/home/pyodide/page_kernel.py", readFileSync(kernel, "utf8"));
python.FS.mkdir("/site");
python.FS.mount(python.FS.filesystems.NODEFS, { root: site }, "/site");
python.globals.set("TARGETS", targets);
python.runPython(readFileSync(new URL("compile_pages.py", import.meta.url), "utf8"));
