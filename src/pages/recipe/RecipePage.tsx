import { PageHeader } from '../../components/PageHeader';

/** The Recipe page. */
export default function RecipePage() {
  return <PageHeader title="Recipe" />;
}
