'use strict'

exports.Client = class Client {
  constructor() {
    throw new Error('ssh:// Docker hosts are not supported by this bundle')
  }
}
