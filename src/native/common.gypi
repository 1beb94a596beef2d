# What node-gyp expects of Node's own header folder, as far as an addon of plain Node-API needs it. With --nodedir=src/native
# it reads this file instead of downloading headers; the Node-API headers come from the package node-api-headers.
{
  'target_defaults': {
    'default_configuration': 'Release',
    'configurations': {'Release': {}, 'Debug': {}},
  },
}
