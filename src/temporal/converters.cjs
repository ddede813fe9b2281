/**
 * The converters that the SDK loads by their path, into Node by `require` and into the workflow bundle alike. CommonJS and JavaScript,
 * since nothing compiles what is required on the way.
 */
const {
  BinaryPayloadConverter,
  CompositePayloadConverter,
  DefaultFailureConverter,
  JsonPayloadConverter,
  UndefinedPayloadConverter,
} = require('@temporalio/common');

/** What src/temporal/codec.ts puts where a payload can't be read; src/domain/mark.ts knows it again. It is never sent. */
class MarkConverter {
  encodingType = 'steward/mark';

  toPayload() {
    return undefined;
  }

  fromPayload({ data }) {
    return { [Symbol.for('steward.mark')]: data?.[0] === 'e'.charCodeAt(0) ? 'erased' : 'refused' };
  }
}

exports.payloadConverter = new CompositePayloadConverter(
  new UndefinedPayloadConverter(),
  new BinaryPayloadConverter(),
  new JsonPayloadConverter(),
  new MarkConverter(),
);

/** Messages and stack traces of failures may quote what they choked on: they are encoded like everything else. */
exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
