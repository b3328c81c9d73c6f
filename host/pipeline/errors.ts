/** The errors of a pipeline and of the OTLP codec. */
import { defineErrors, WeirError } from '../errors.ts';

export const pipelineErrors = defineErrors('pipeline', {
  WEIR_PIPELINE_SHAPE: 'The nodes and connections given do not make a pipeline.',
  WEIR_PIPELINE_NODE_FAILED: 'A node could not be made or started.',
  WEIR_PIPELINE_STOPPED: 'A pipeline was started a second time, or stopped while it started.',
  WEIR_OTLP_MALFORMED: 'The bytes are not a valid OTLP message.',
});

/**
 * The bytes are not the OTLP message that they should be. `at` says where: a byte offset in
 * protobuf (`byte 17`), a path in JSON (`resourceLogs[0].scopeLogs[2]`).
 */
export class MalformedOtlpError extends WeirError {
  readonly at: string;

  constructor(at: string, problem: string) {
    super(pipelineErrors.WEIR_OTLP_MALFORMED, `malformed OTLP at ${at}: ${problem}`);
    this.at = at;
  }
}
