// What the viewer's own page has inline: a strict policy allows scripts of files only.
console.time('scriptToView'); // which they end
window.PUBLIC_URL = '/viewer/';
window.browserImportFunction = (name) => import(name);
