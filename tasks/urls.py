from django.urls import path

from tasks.views import agreement, claim, task, wish, wish_photo, wish_tracking, wish_triage

urlpatterns = [
    path("c/<str:code>/wish/", wish.wish_new, name="wish_new"),
    path("track/", wish_tracking.wish_track, name="wish_track"),
    path("track/<str:number>/", wish_tracking.wish_tracked, name="wish_tracked"),
    path("track/<str:number>/answer/", wish_tracking.wish_answer, name="wish_answer"),
    path("track/<str:number>/reply/", wish_tracking.wish_reply, name="wish_reply"),
    path("track/<str:number>/keep/", wish_tracking.wish_keep, name="wish_keep"),
    path("my-wishes/", wish_tracking.my_wishes, name="my_wishes"),
    path("wishes/photos/<int:pk>/", wish_photo.wish_photo, name="wish_photo"),
    path("wishes/", wish_triage.wish_queue, name="wish_queue"),
    path("wishes/<int:pk>/", wish_triage.wish, name="wish"),
    path("wishes/<int:pk>/accept/", wish_triage.wish_accept, name="wish_accept"),
    path("wishes/<int:pk>/decline/", wish_triage.wish_decline, name="wish_decline"),
    path("wishes/<int:pk>/publish/", task.wish_publish, name="wish_publish"),
    path("tasks/", task.task_list, name="task_list"),
    path("tasks/new/", task.task_new, name="task_new"),
    path("tasks/<int:pk>/", task.task, name="task"),
    path("tasks/<int:pk>/cancel/", task.task_cancel, name="task_cancel"),
    path("shifts/<int:pk>/claim/", claim.shift_claim, name="shift_claim"),
    path("claims/", claim.claims, name="claims"),
    path("claims/<int:pk>/", claim.claim, name="claim"),
    path("claims/<int:pk>/contact/", agreement.claim_contact, name="claim_contact"),
    path("claims/<int:pk>/contacted/", agreement.claim_contacted, name="claim_contacted"),
    path("claims/<int:pk>/agree/", agreement.claim_agree, name="claim_agree"),
    path("claims/<int:pk>/report/", agreement.claim_report, name="claim_report"),
    path("claims/<int:pk>/withdraw/", claim.claim_withdraw, name="claim_withdraw"),
]
