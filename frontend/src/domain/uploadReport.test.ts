import { expect, test } from 'vitest';
import type { UploadFile } from './upload';
import { reportOf } from './uploadReport';

function file(path: string, more: Partial<UploadFile> = {}): UploadFile {
  return { path, bytes: 5, state: 'stored', sent: 5, remark: '', ...more };
}

test('each file is a line, with what became of it', () => {
  const refused = file('b', { state: 'refused', remark: 'It says "no", twice' });
  expect(reportOf([file('a/one.dcm'), refused])).toBe(
    'File,Bytes,Result,Remark\r\na/one.dcm,5,Stored,\r\n' +
      'b,5,Refused,"It says ""no"", twice"\r\n',
  );
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)'])('the name %s is no formula', (name) => {
  expect(reportOf([file(name)]).split('\r\n')[1]).toBe(`'${name},5,Stored,`);
});

test('a name with a break of lines stays one cell', () => {
  expect(reportOf([file('a\n=1')])).toContain('"a\n=1",5,Stored');
});
