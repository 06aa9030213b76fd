"""GraphQL: what all of the graph shares, and what of it belongs to the ground floor.

One operation, one `Context`: who asks, and what was loaded for it already. Resolvers
are edges: they parse, call one domain function through the context, and render. Errors
are mapped in `core.graphql.faults`, what one operation may ask is limited in
`core.graphql.limits`. `portal.schema` puts the apps' parts together.
"""
