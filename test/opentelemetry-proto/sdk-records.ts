/** Records as the OpenTelemetry SDK makes them. */
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';

/** `count` log records, as an SDK exporter is given them. */
export function sdkLogs(count: number) {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ 'service.name': 'sdk' }),
    processors: [new SimpleLogRecordProcessor({ exporter })],
  });
  const logger = provider.getLogger('records', '1.0.0');
  for (let i = 0; i < count; i++) {
    logger.emit({
      body: `record ${i}`,
      severityNumber: 9,
      severityText: 'INFO',
      attributes: { index: i, ratio: i / 3, tags: ['a', 'b'], nested: { deep: true } },
    });
  }
  return exporter.getFinishedLogRecords();
}
