// Makes the viewer that the portal serves at /viewer/ out of OHIF's prebuilt package.
//
//     node build.mjs FOLDER
//
// The package is fetched by name, from wherever npm fetches, and checked by its hash. It
// is built for the root of a server: each place that says so is rewritten, and counted,
// because a place that is missed fails late and elsewhere. What is not ours to serve is
// left out (OMITTED). FOLDER appears whole or not at all: it is made beside, and a build
// that is killed leaves what was there.
//
// FOLDER/index.html is the page, FOLDER/app-config.js how it finds the portal, and
// FOLDER/files/viewer/ everything else, also compressed.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

import { minifySync } from 'vite';

const PACKAGE = '@ohif/app@3.13.2';
const INTEGRITY =
  'sha512-WZdxmpmG7rqFgW9ZJLcbgr3XCtLi1KDNPoMaeY5PPe6j4G4fjEjjkycZM6C6Zk2F87BKxFfpq+jd5xXZB9E8EA==';
const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = '/viewer/';

// First parts of paths. `ort` is a runtime for models that draw segments by themselves;
// the service worker loads code from another site; the rest is for servers and browsers
// of others. Our own index.html, app-config.js and start.js take the place of theirs.
const OMITTED = [
  'ort',
  'sw.js',
  'init-service-worker.js',
  'google.js',
  'polyfill.min.js',
  'es6-shim.min.js',
  'oidc-client.min.js',
  'silent-refresh.html',
  'index.html',
  'app-config.js',
  'customizations', // which a link could name, if our app-config.js let it
  'manifest.json',
  'serve.json',
  '_headers',
  '_redirects',
];
const OMITTED_KINDS = ['.map'];
const KEPT_ASSETS = ['favicon.ico', 'images'];

const REWRITES = [
  {
    file: /\.js$/,
    from: /function compileConstructor\(dtype, dimension\) \{[\s\S]*?return procedure\(CACHED_CONSTRUCTORS\[dtype\], order\);?\s*\}/g,
    to: () => readFileSync(join(HERE, 'ndarray.js'), 'utf8'),
    count: 4,
  },
  {
    file: /\.js$/,
    from: /__webpack_require__\.p = "\/"/g,
    to: () => `__webpack_require__.p = "${ROOT}"`,
    count: 8,
  },
  {
    file: /^app\.bundle\.\w+\.js$/,
    from: /(?<=')\/(?=dicom-microscopy-viewer\/)/g,
    to: () => ROOT,
    count: 1,
  },
  {
    file: /^app\.bundle\.css$/,
    from: /url\(\/(?=[^)]*\.woff2\))/g,
    to: () => `url(${ROOT}`,
    count: 5,
  },
];

const COMPRESSED = new Set(['.css', '.html', '.js', '.json', '.svg', '.wasm']);
const AT_ONCE = 4;
const ABANDONED_MS = 3_600_000; // no build takes an hour

function packed(folder) {
  const asked = ['pack', PACKAGE, '--json', '--pack-destination', folder];
  const done = spawnSync('npm', asked, {
    cwd: HERE, // below which .npmrc says how long npm waits
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (done.error) throw done.error;
  const said = JSON.parse(done.stdout || '{}');
  if (done.status !== 0) throw new Error(`npm has no ${PACKAGE}: ${said.error?.summary}`);
  return said;
}

function fetched(folder) {
  const [made] = packed(folder);
  const archive = join(folder, basename(made.filename));
  const [kind, wanted] = INTEGRITY.split('-', 2);
  const found = createHash(kind).update(readFileSync(archive)).digest('base64');
  if (found !== wanted)
    throw new Error(`${PACKAGE} is not the package that it was: ${kind}-${found}`);
  // Two thirds of what is in the archive are models' runtimes, which take long to unpack.
  execFileSync('tar', ['-xzf', archive, '-C', folder, '--exclude=package/dist/ort']);
  return join(folder, 'package');
}

function isKept(path) {
  const [first, second] = path.split(sep);
  if (OMITTED.includes(first) || OMITTED_KINDS.includes(extname(path))) return false;
  return first !== 'assets' || second === undefined || KEPT_ASSETS.includes(second);
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function relocate(folder) {
  for (const { file, from, to, count } of REWRITES) {
    let found = 0;
    for (const path of filesIn(folder).filter((each) => file.test(relative(folder, each)))) {
      const text = readFileSync(path, 'utf8');
      const places = text.match(from)?.length ?? 0;
      if (places) writeFileSync(path, text.replace(from, to));
      found += places;
    }
    if (found !== count)
      throw new Error(`${from} was found ${found} times, not ${count}: look at it again`);
  }
}

function minify(folder) {
  for (const path of filesIn(folder).filter((each) => extname(each) === '.js')) {
    const { code, errors } = minifySync(basename(path), readFileSync(path, 'utf8'));
    if (errors.length) throw new Error(`${path} cannot be minified: ${errors[0].message}`);
    writeFileSync(path, code);
  }
}

async function compress(folder) {
  const paths = filesIn(folder).filter((each) => COMPRESSED.has(extname(each)));
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
  const work = async () => {
    for (let path = paths.pop(); path; path = paths.pop()) {
      const whole = readFileSync(path);
      for (const [suffix, made] of [
        ['.gz', await promisify(gzip)(whole, { level: 9 })],
        ['.br', await promisify(brotliCompress)(whole, brotli)],
      ]) {
        if (made.length < whole.length) writeFileSync(path + suffix, made);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

function putInPlace(made, target, folder) {
  if (existsSync(target)) renameSync(target, join(folder, 'replaced'));
  renameSync(made, target);
}

function removeAbandoned(target) {
  const prefix = `${basename(target)}.`;
  for (const name of readdirSync(dirname(target)).filter((each) => each.startsWith(prefix))) {
    const path = join(dirname(target), name);
    if (Date.now() - statSync(path).mtimeMs > ABANDONED_MS) rmSync(path, { recursive: true });
  }
}

const target = resolve(process.argv[2]);
removeAbandoned(target);
const folder = mkdtempSync(`${target}.`);
try {
  const unpacked = fetched(folder);
  const dist = join(unpacked, 'dist');
  const made = join(folder, 'made');
  const files = join(made, 'files', 'viewer');
  cpSync(dist, files, { recursive: true, filter: (path) => isKept(relative(dist, path)) });
  relocate(files);
  minify(files);
  cpSync(join(HERE, 'start.js'), join(files, 'start.js'));
  cpSync(join(unpacked, 'LICENSE'), join(files, 'LICENSE.txt'));
  await compress(files);
  const app = readdirSync(files).find((name) => /^app\.bundle\.[0-9a-f]+\.js$/.test(name));
  writeFileSync(
    join(made, 'index.html'),
    readFileSync(join(HERE, 'index.html'), 'utf8').replace('%APP%', app),
  );
  cpSync(join(HERE, 'app-config.js'), join(made, 'app-config.js'));
  putInPlace(made, target, folder);
} catch (error) {
  console.error(`The viewer was not built. ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
