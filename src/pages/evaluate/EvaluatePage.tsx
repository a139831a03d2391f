import { PageHeader } from '../../components/PageHeader';

/** The Evaluate page. */
export default function EvaluatePage() {
  return <PageHeader title="Evaluate" />;
}
