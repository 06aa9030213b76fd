import { expect, test } from 'vitest';

const SOURCES = import.meta.glob<string>(
  ['./**/*.{ts,tsx}', '!./api/generated/**', '!./architecture.test.ts'],
  {
    query: '?raw',
    import: 'default',
    eager: true,
  },
);

/** Returns the modules that a source imports, those of our own from the root. */
function importsOf(text: string): readonly string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?'([^']+)'/g)].map((found) => found[1] ?? '');
}

const FILES = Object.entries(SOURCES).map(
  ([path, text]) => [path.replace('./', ''), text] as const,
);

/** What a folder may import of the others: from the ground up. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  api: ['api', 'domain'],
  app: ['api', 'app', 'domain', 'features', 'ui'],
  domain: ['domain'],
  features: ['api', 'app', 'domain', 'features', 'ui', 'viewer'],
  ui: ['domain', 'ui'],
  viewer: ['api', 'domain', 'ui', 'viewer'],
};

function isTest(path: string): boolean {
  return path.includes('.test.') || path.startsWith('test/');
}

test.each(FILES.filter(([path]) => path.includes('/') && !isTest(path)))(
  '%s imports what is below it',
  (path, text) => {
    const [folder = '', feature] = path.split('/');
    for (const name of importsOf(text)) {
      const [target = '', other] = name.replace('~/', '').split('/');
      if (name.startsWith('~/')) {
        expect(BELOW[folder], name).toContain(target);
      }
      if (folder === 'features' && target === 'features') {
        // Later ones come and go without the others.
        expect(other, name).toBe(feature);
      }
      if (name.startsWith('@cornerstonejs')) {
        expect(folder, name).toBe('viewer');
      }
    }
  },
);

test('the app imports a feature only when somebody goes there', () => {
  for (const [path, text] of FILES) {
    if (path.startsWith('app/') && !isTest(path)) {
      expect(text, path).not.toMatch(/from '~\/features/);
    }
  }
});

test('no text becomes markup', () => {
  for (const [path, text] of FILES) {
    if (!isTest(path)) {
      expect(text, path).not.toMatch(/dangerouslySetInnerHTML|innerHTML|insertAdjacentHTML/);
    }
  }
});
