import { Link } from '@tanstack/react-router';
import { namesOf } from '~/domain/patientWords';
import type { PlaceSearch } from '~/domain/placeSearch';
import classes from './Ask.module.css';

interface Props {
  readonly names: readonly { readonly text: string; readonly use?: string | null | undefined }[];
  readonly identifiers: readonly { readonly value: string }[];
  /** None of whom images alone tell. */
  readonly fhirIds: readonly string[];
  readonly place: PlaceSearch;
}

/** Who a patient is, and the way to the patient's page. */
export function PatientLink({ names, identifiers, fhirIds, place }: Props) {
  const [fhirId] = fhirIds;
  const called = names.length > 0 ? namesOf(names).main : (identifiers[0]?.value ?? fhirId);
  if (fhirId === undefined) {
    return <bdi>{called ?? 'Known by images alone'}</bdi>;
  }
  return (
    <Link
      to="/patients/$patientId"
      params={{ patientId: fhirId }}
      search={place}
      className={classes.link}
    >
      <bdi>{called}</bdi>
    </Link>
  );
}
