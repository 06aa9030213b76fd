import type { CodegenConfig } from '@graphql-codegen/cli';

/** Types of what the pages ask, from the schema that the server is checked against. */
const config: CodegenConfig = {
  schema: '../portal/schema.graphql',
  documents: ['src/**/*.{ts,tsx}', '!src/api/generated/**'],
  generates: {
    './src/api/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        enumsAsTypes: true,
        immutableTypes: true,
        strictScalars: true,
        useTypeImports: true,
        scalars: {
          BigInt: 'number',
          Criteria: 'unknown',
          DA: 'string',
          Date: 'string',
          DateTime: 'string',
          JSON: 'unknown',
          Password: 'string',
          TM: 'string',
          UI: 'string',
          UUID: 'string',
        },
      },
    },
  },
};

export default config;
