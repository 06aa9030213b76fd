"use strict";

// GraphiQL over the address of this page; subscriptions go over graphql-transport-ws.
const address = window.location.origin + window.location.pathname;
const fetcher = GraphiQL.createFetcher({
  url: address,
  subscriptionUrl: address.replace(/^http/, "ws"),
});
const query = `# Ctrl-Enter runs it. The book on the left
# describes all that can be asked.
{
  me {
    name
    roles
  }
}
`;
const page = React.createElement(GraphiQL, {
  fetcher,
  defaultQuery: query,
  defaultEditorToolsVisibility: true,
  isHeadersEditorEnabled: false, // the session says who asks
  // Queries may name patients: what was typed ends with the tab.
  storage: window.sessionStorage,
});
ReactDOM.createRoot(document.getElementById("graphiql")).render(page);
